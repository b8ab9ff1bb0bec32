import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { injectedBetween } from "../../experiment/faults/injected.js";
import { firedOf, whyUnproven } from "../../experiment/fired/proof.js";
import { FiredTally } from "../../experiment/fired/tally.js";
import type { FaultWish } from "../../mesh/index.js";

const pairs = [{ faulted: "candidate+faults", plain: "candidate" }];
const outcome = (lane: string, said: string, tookMs = 5) => ({
  ...{ lane, said, answered: said.split(" ")[0]!, tookMs, isResponse: /^\d/.test(said) },
});
/** What the lane under the fault said, and the one without. */
const step = (faulted: string, plain = "200", { recorded = "200", fault = "down", tookMs = 5 } = {}) => ({
  ...{ differs: true, fault, ...(recorded === "" ? {} : { recorded }) },
  outcomes: [outcome("candidate+faults", faulted, tookMs), outcome("candidate", plain)],
});
const tallyOf = (steps: ReturnType<typeof step>[], delayMs?: number) => {
  const tally = new FiredTally(pairs, new Map([["down", delayMs]]));
  for (const one of steps) tally.add(one);
  return tally.of("down");
};
const nothingElse = { injected: undefined, run: undefined };
const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

test("a fault shows in a Step that only the lane under it answers oddly", () => {
  assert.deepEqual(tallyOf([step("503")]), { steps: 1, showed: 1, against: 0 });
  assert.deepEqual(tallyOf([step("200 grpc-status 14")]), { steps: 1, showed: 1, against: 0 });
  assert.deepEqual(tallyOf([step("reset", "200", { recorded: "" })]), { steps: 1, showed: 1, against: 0 });
  for (const same of [step("200"), step("503", "503"), step("404", "404", { recorded: "" })])
    assert.deepEqual(tallyOf([same]), { steps: 1, showed: 0, against: 0 });
  assert.deepEqual(tallyOf([step("200", "503")]), { steps: 1, showed: 0, against: 1 });
  assert.deepEqual(tallyOf([step("503", "200", { fault: "other" })]), { steps: 0, showed: 0, against: 0 });
});

test("a delay shows in answers that take as long, and not where the lane without it does, too", () => {
  assert.deepEqual(tallyOf([step("200", "200", { tookMs: 1_999 }), step("200", "200", { tookMs: 2_000 })], 2_000), {
    ...{ steps: 2, showed: 1, against: 0 },
  });
  const slow = {
    ...step("200"),
    outcomes: pairs.flatMap((pair) => Object.values(pair)).map((lane) => outcome(lane, "200", 3_000)),
  };
  assert.deepEqual(tallyOf([slow], 2_000), { steps: 1, showed: 0, against: 0 });
});

test("lanes that are sent to in turn are counted as they come", () => {
  const turn = (lane: string, said: string) => ({ ...step(""), outcomes: [outcome(lane, said)] });
  const steps = [turn("candidate", "200"), turn("candidate", "500"), turn("candidate+faults", "503")];
  assert.deepEqual(tallyOf([...steps, turn("candidate+faults", "200")]), { steps: 2, showed: 1, against: 1 });
});

test("without a control run the answers prove nothing", () => {
  const tally = new FiredTally([{ faulted: "candidate+faults" }], new Map([["down", undefined]]));
  tally.add(step("503"));
  assert.deepEqual(tally.of("down"), { steps: 1, showed: 0, against: 0 });
});

test("a few odd answers among many prove nothing, as they come by chance; all of a few do", () => {
  const isProven = (steps: ReturnType<typeof step>[]) => firedOf("down", tallyOf(steps), nothingElse).isProven;
  assert.equal(isProven([step("503")]), true);
  assert.equal(isProven([]), false);
  assert.equal(isProven([...times(99, step("200")), step("503")]), false);
  assert.equal(isProven([...times(95, step("200")), ...times(5, step("503"))]), true);
  assert.equal(isProven([...times(5, step("200", "503")), ...times(5, step("503"))]), false);
});

test("answers that are as odd without the fault never prove it", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("200", "503", "reset"), { minLength: 1 }), (answers) => {
      const mirrored = answers.flatMap((said) => [step(said, "200"), step("200", said)]);
      assert.equal(firedOf("down", tallyOf(mirrored), nothingElse).isProven, false);
    }),
  );
});

test("what is not proven is said in one sentence, with what was looked at", () => {
  const fired = firedOf("down", { steps: 9, showed: 2, against: 2 }, { injected: 0, run: undefined });
  assert.equal(
    whyUnproven(fired, ["TL0103 at VirtualService shop/reviews: no caller has a sidecar"]),
    "fault down is not known to have fired: only 2 of its 9 Steps showed it, and its callers' proxies count none; TL0103 at VirtualService shop/reviews: no caller has a sidecar",
  );
});

const wish = (name: string, kinds: string[], from?: Record<string, string>): FaultWish => ({
  ...{ name, service: "ratings", namespace: "shop", evenIfManaged: false, percent: 100 },
  faults: kinds.map((kind) => ({ kind, written: {}, explanation: "" })) as FaultWish["faults"],
  ...(from && { from }),
});
const proxy = (pod: string, abort: number, delay: number) => ({
  ...{ pod, labels: { app: pod }, counts: { abort, delay } },
});

test("what proxies injected is told by kind, among the callers of a fault, from when it came on", () => {
  const before = [proxy("a", 5, 0), proxy("b", 9, 1)];
  const now = [proxy("a", 12, 0), proxy("b", 3, 4), proxy("new", 2, 0)];
  const between = (...wishes: FaultWish[]) => [...injectedBetween(wishes, before, now)];
  assert.deepEqual(between(wish("down", ["abort"])), [["down", 7 + 3 + 2]], "one that began anew counts from nought");
  assert.deepEqual(between(wish("down", ["abort"], { app: "a" })), [["down", 7]]);
  assert.deepEqual(between(wish("both", ["delay", "abort"], { app: "a" })), [["both", 7]]);
  assert.deepEqual(between(wish("down", ["abort"]), wish("late", ["delay"])), [
    ["down", 12],
    ["late", 3],
  ]);
  assert.deepEqual(between(wish("down", ["abort"]), wish("gone", ["abort"])), [], "proxies know no names");
  assert.deepEqual(between(wish("down", ["abort"], { app: "none" })), []);
});
