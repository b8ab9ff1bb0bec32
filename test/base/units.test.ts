import assert from "node:assert/strict";
import { test } from "node:test";
import { inBytes, inDuration, parseBytes, parseDuration } from "../../base/index.js";

test("sizes are read with decimal and binary units", () => {
  const cases: [string, number | undefined][] = [
    ["1048576", 1_048_576],
    ["64KiB", 65_536],
    ["1 MB", 1_000_000],
    ["1.5GiB", 1_610_612_736],
    ["-1", undefined],
    ["1 parsec", undefined],
    ["", undefined],
    ["1 constructor", undefined],
  ];
  for (const [text, bytes] of cases) assert.equal(parseBytes(text), bytes, text);
});

test("durations need a unit, except zero", () => {
  const cases: [string, number | undefined][] = [
    ["50ms", 50],
    ["1.5s", 1500],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["0", 0],
    ["50", undefined],
    ["1toString", undefined],
  ];
  for (const [text, ms] of cases) assert.equal(parseDuration(text), ms, text);
});

test("sizes and durations are said with a unit that suits them", () => {
  assert.deepEqual([0, 1023, 1536, 20 * 2 ** 20].map(inBytes), ["0 B", "1023 B", "1.5 KiB", "20 MiB"]);
  assert.deepEqual([0.25, 5.25, 250, 1234, 61_000, 7_200_000].map(inDuration), [
    "250 µs",
    "5.3 ms",
    "250 ms",
    "1.23 s",
    "1 min 1 s",
    "2 h 0 min",
  ]);
});
