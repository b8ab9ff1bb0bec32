import assert from "node:assert/strict";
import { test } from "node:test";
import { collectDivergences } from "../../../replayer/divergences/collect.js";
import { compareTimes } from "../../../replayer/timing/compare-times.js";

/** What is shown when the reference, the candidate and the reference again took so long in each Step. */
function shown(steps: number, took: (step: number) => [reference: number, lane: number, again: number]) {
  const collector = collectDivergences({ reference: "baseline" });
  for (let step = 0; step < steps; step++) {
    const [reference, lane, again] = took(step);
    const timing = compareTimes({ reference, lane, again });
    const own = { step, exchangeId: step + 1, hop: "shop", route: "GET /", candidate: [], control: [] };
    collector.add(timing === undefined ? own : { ...own, timing });
  }
  return collector.finish().map(({ kind, place, attribution, count }) => ({ kind, place, attribution, count }));
}

test("a version that is slower in every Step is shown", () => {
  const found = shown(30, () => [3, 200, 4]);
  assert.deepEqual(found, [{ kind: "slower", place: "timing", attribution: "version", count: 30 }]);
});

test("a few slow Steps, or few Steps at all, are not shown: neither as divergence nor as noise", () => {
  assert.deepEqual(
    shown(200, (step) => [3, step % 5 === 0 ? 300 : 3, 3]),
    [],
  );
  assert.deepEqual(
    shown(19, () => [3, 300, 3]),
    [],
  );
});

test("a machine that is as uneven without a change shows nothing", () => {
  assert.deepEqual(
    shown(100, (step) => [3, step % 3 > 0 ? 300 : 3, step % 3 < 2 ? 300 : 3]),
    [],
  );
});
