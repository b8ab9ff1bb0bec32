import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeaderList } from "../../../message/index.js";
import { markOf } from "../../../replayer/hops/marks.js";

const cases: readonly [title: string, headers: HeaderList, found: ReturnType<typeof markOf>][] = [
  [
    "our own headers, in any letter case",
    [
      ["X-Tapeloop-Run", "r1"],
      ["x-tapeloop-step", "12"],
      ["x-tapeloop-lane", "candidate"],
    ],
    { step: 12, lane: "candidate" },
  ],
  [
    "members of baggage among others, with spaces and properties",
    [
      ["baggage", "a=b, tapeloop.run = r1;p=1 ,tapeloop.step=3"],
      ["Baggage", "tapeloop.lane=baseline"],
    ],
    { step: 3, lane: "baseline" },
  ],
  ["another run", [["baggage", "tapeloop.run=r2,tapeloop.step=3,tapeloop.lane=baseline"]], undefined],
  ["a step that is no number", [["baggage", "tapeloop.run=r1,tapeloop.step=x,tapeloop.lane=baseline"]], undefined],
  ["no mark at all", [["baggage", "a"]], undefined],
];

for (const [title, headers, found] of cases) {
  test(`the mark of a call is read from ${title}`, () => assert.deepEqual(markOf(headers, "r1"), found));
}
