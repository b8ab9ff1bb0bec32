import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDurationMs } from "../../virtual-service/duration.js";

test("durations are read as Istio writes them, and nothing else is", () => {
  const cases: [text: string, ms: number | undefined][] = [
    ["100ms", 100],
    ["1.5s", 1500],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["1m30s", 90_000],
    ["5", undefined],
    ["", undefined],
    ["-1s", undefined],
    ["1 s", undefined],
    ["s", undefined],
  ];
  for (const [text, ms] of cases) assert.equal(parseDurationMs(text), ms, text);
});
