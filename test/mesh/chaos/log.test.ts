import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChaosLine, parseChaosLog } from "../../../mesh/index.js";

const began = (task: number, at: string): ChaosLine => ({
  ...{ event: "began", task, what: `restart of reviews`, namespace: "shop" },
  at,
});
const written = (...lines: object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join("");

test("a log gives its tasks with their times; one that nobody ended has no end", () => {
  const text = written(
    began(1, "2026-03-01T12:00:00.000Z"),
    { event: "ended", task: 1, at: "2026-03-01T12:00:20.000Z", how: "rolled out in 9.0 s, and back in 8.0 s" },
    began(2, "2026-03-01T12:05:00.000Z"),
  );
  const task = { what: "restart of reviews", namespace: "shop" };
  assert.deepEqual(parseChaosLog(text, "chaos.jsonl"), [
    { ...task, beganAt: "2026-03-01T12:00:00.000Z", endedAt: "2026-03-01T12:00:20.000Z" },
    { ...task, beganAt: "2026-03-01T12:05:00.000Z" },
  ]);
  assert.deepEqual(parseChaosLog("", "chaos.jsonl"), []);
});

test("what is no log is refused with the place of its first wrong line", () => {
  const end = { event: "ended", task: 1, at: "2026-03-01T12:00:20.000Z", how: "done" };
  for (const [text, said] of [
    [`${written(began(1, "2026-03-01T12:00:00.000Z"))}nonsense\n`, /^chaos.jsonl, line 2: is no line of a log/],
    [written(began(1, "noon")), /line 1: is no line of a log/],
    [written(end), /line 1: task 1 ends without having begun/],
  ] as const) {
    assert.throws(() => parseChaosLog(text, "chaos.jsonl"), { message: said });
  }
});
