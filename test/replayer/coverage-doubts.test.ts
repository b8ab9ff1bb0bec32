import assert from "node:assert/strict";
import { test } from "node:test";
import { coverageDoubts, spanOf } from "../../replayer/coverage-doubts.js";
import type { Plan } from "../../replayer/step.js";
import type { Coverage } from "../../tape/index.js";

const startNs = 1_700_000_000_000_000_000n;

function coverage(over: Partial<Coverage> = {}): Coverage {
  return {
    seen: 1000,
    kept: 995,
    dropped: 5,
    sampledOut: 0,
    undecided: 0,
    share: 0.995,
    recorders: [],
    gaps: [],
    ...over,
  };
}

test("nothing is asked without a floor, and a share that meets it raises no doubt", () => {
  const gap = { recorder: "a", afterIncarnation: "0", fromNs: startNs };
  assert.deepEqual(coverageDoubts(coverage({ share: 0, gaps: [gap] }), undefined), []);
  assert.deepEqual(coverageDoubts(coverage(), 0.995), []);
});

test("below the floor it is said how much is there, of what, and where least", () => {
  const shares = { seen: 1, kept: 1, dropped: 0, sampledOut: 0, undecided: 0, gapMs: 0, minutes: [] };
  const recorders = [
    { recorder: "gateway", ...shares, share: 1 },
    { recorder: "reviews", ...shares, share: 0.98999 },
  ];
  assert.deepEqual(coverageDoubts(coverage({ recorders }), 0.996), [
    "the tape holds 99.5% of the calls seen in the time of the selected ones (995 of 1000, 5 dropped, least at reviews: 98.99%), and --floor asks for 99.6%",
  ]);
});

test("a gap is what nobody can count, whatever the share", () => {
  const ended = { recorder: "a", afterIncarnation: "0", fromNs: startNs, toNs: startNs + 1_000_000_000n };
  const [doubt] = coverageDoubts(coverage({ share: 1, gaps: [ended, { ...ended, recorder: "b" }] }), 0.5);
  assert.match(
    doubt!,
    /^recorder a broke off at 2023-11-14T22:13:20.000Z until 2023-11-14T22:13:21.000Z \(and 1 more gap\)/,
  );
  const { toNs: _, ...open } = ended;
  assert.match(coverageDoubts(coverage({ gaps: [open] }), 0.5)[0]!, /and has not come back/);
});

test("where nothing was counted, or all was left out by choice, it cannot be known either", () => {
  const { share: _, ...unknown } = coverage({ seen: 0, kept: 0, dropped: 0 });
  assert.match(coverageDoubts(unknown, 0)[0]!, /has no count of what was seen/);
  assert.match(
    coverageDoubts({ ...unknown, seen: 7, sampledOut: 7 }, 0)[0]!,
    /^all 7 calls seen .* left out by choice/,
  );
});

test("what is looked at is the time in which the planned calls began", () => {
  const step = (number: number, startedNs: number) => ({ step: number, exchangeId: number, startedNs, open: false });
  const plan = { steps: [step(0, 0), step(1, 2_000_000)], firstNs: startNs } as unknown as Plan;
  const { fromNs, toNs } = spanOf(plan);
  assert.equal(fromNs, startNs);
  assert.ok(toNs! > startNs + 2_000_000n && toNs! < startNs + 2_100_000n);
  assert.deepEqual(spanOf({ ...plan, steps: [] }), {});
});
