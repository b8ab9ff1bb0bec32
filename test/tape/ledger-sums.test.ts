import assert from "node:assert/strict";
import { test } from "node:test";
import { noCounts } from "../../tape/index.js";
import { gapsBetween, type Incarnation, ledgerOf, restartsBetween } from "../../tape/ledger-sums.js";

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

test("what went with a removed file is a gap of an incarnation that lived on", () => {
  const lost = [{ fromNs: 10n, toNs: 30n, exchanges: 7 }];
  assert.deepEqual(gapsBetween([incarnation("a#1", 30n, 90n, { stoppedNs: 95n, lost })]), [
    { recorder: "a", afterIncarnation: "1", fromNs: 10n, toNs: 30n, lostExchanges: 7 },
  ]);
});

test("every restart has its bounds, with a goodbye and without; replicas that overlap are none", () => {
  const lives = [
    incarnation("a#1", 10n, 20n, { stoppedNs: 21n }),
    incarnation("a#2", 50n, 90n),
    incarnation("a#3", 100n, 200n, { stoppedNs: 200n }),
    incarnation("a#4", 150n, 300n),
    incarnation("b#1", 60n, 70n),
  ];
  const known = { recorder: "a" };
  assert.deepEqual(restartsBetween(lives), [
    { ...known, incarnation: "2", afterIncarnation: "1", saidGoodbye: true, fromNs: 21n, toNs: 50n },
    { ...known, incarnation: "3", afterIncarnation: "2", saidGoodbye: false, fromNs: 90n, toNs: 100n },
  ]);
});

test("a restart stands in the minute it began in, also when nothing else was counted there", () => {
  const minuteNs = 60_000_000_000n;
  const lives = [
    incarnation("a#1", 1n, 2n, { stoppedNs: 3n }),
    incarnation("a#2", minuteNs + 5n, minuteNs + 9n, { stoppedNs: minuteNs + 9n }),
    incarnation("a#3", 3n * minuteNs, 4n * minuteNs),
  ];
  const entries = [{ recorder: { name: "a", incarnation: "2" }, minuteNs, counts: { ...noCounts(), seen: 4 } }];
  const ledger = ledgerOf(entries, lives);
  assert.deepEqual(
    ledger.entries.map(({ recorder, minuteNs: at, counts, restarts }) => [
      recorder.incarnation,
      at,
      counts.seen,
      restarts,
    ]),
    [
      ["2", minuteNs, 4, 1],
      ["3", 3n * minuteNs, 0, 1],
    ],
  );
});
