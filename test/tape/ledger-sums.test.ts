import assert from "node:assert/strict";
import { test } from "node:test";
import { gapsBetween, type Incarnation } from "../../tape/ledger-sums.js";

function incarnation(id: string, startedNs: bigint, aliveNs: bigint, over: Partial<Incarnation> = {}): Incarnation {
  const [name, number] = id.split("#");
  return { id: { name: name!, incarnation: number! }, startedNs, aliveNs, dead: false, ...over };
}

test("a gap lies between the last sign of life and the next start of the same name", () => {
  const gaps = gapsBetween([
    incarnation("b#1", 60n, 70n),
    incarnation("a#2", 50n, 90n, { stoppedNs: 95n }),
    incarnation("a#1", 10n, 20n),
    incarnation("a#3", 100n, 110n),
  ]);
  assert.deepEqual(gaps, [{ recorder: "a", afterIncarnation: "1", fromNs: 20n, toNs: 50n }]);
});

test("without a next one there is a gap when the process is known to be dead, and its end is open", () => {
  assert.deepEqual(gapsBetween([incarnation("a#1", 10n, 20n, { dead: true })]), [
    { recorder: "a", afterIncarnation: "1", fromNs: 20n },
  ]);
});

test("replicas of one name that overlap leave no gap", () => {
  assert.deepEqual(gapsBetween([incarnation("a#1", 10n, 90n), incarnation("a#2", 20n, 95n)]), []);
});
