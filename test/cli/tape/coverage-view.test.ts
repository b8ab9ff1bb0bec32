import assert from "node:assert/strict";
import { test } from "node:test";
import { coverageText, ledgerText } from "../../../cli/tape/coverage-view.js";
import { coverageOf, type Gap, type Ledger, type LedgerCounts, noCounts } from "../../../tape/index.js";

const minuteNs = 60_000_000_000n;
// 2023-11-14T22:13:00Z
const startNs = 28_333_333n * minuteNs;

function ledger(minutes: readonly Partial<LedgerCounts>[], over: Partial<Ledger> = {}): Ledger {
  const recorder = { name: "reviews", incarnation: "0123456789abcdef" };
  const entries = minutes.map((counts, at) => ({
    ...{ recorder, minuteNs: startNs + BigInt(at) * minuteNs, counts: { ...noCounts(), ...counts } },
  }));
  return { entries, gaps: [], restarts: [], ...over };
}

function shown(of: Ledger, columns = 100): string[] {
  return coverageText(coverageOf(of), of, columns).trimEnd().split("\n");
}

test("coverage is said for all and for each recorder, what is lost never rounded away", () => {
  const minute = { seen: 100_001, kept: 100_000, dropped: 1 };
  assert.deepEqual(shown(ledger([minute])), [
    "coverage     99.99% (100000 of 100001), 1 dropped",
    "  reviews: 99.99% (100000 of 100001), 1 dropped",
  ]);
  assert.match(shown(ledger([]))[0]!, /nothing was counted$/);
  assert.match(shown(ledger([{ seen: 5, sampledOut: 5 }]))[0]!, /all 5 seen were left out by choice$/);
});

test("minutes are bars, the busiest the highest; a mark stands where calls are missing, another in a gap", () => {
  const minutes = [{ seen: 1, kept: 1 }, { seen: 40, kept: 40 }, {}, { seen: 80, kept: 70, dropped: 10 }];
  const gap: Gap = {
    ...{ recorder: "reviews", afterIncarnation: "0123456789abcdef" },
    ...{ fromNs: startNs + minuteNs + 1n, toNs: startNs + minuteNs + 2_000_000_001n },
  };
  assert.deepEqual(shown(ledger(minutes, { gaps: [gap] })).slice(1), [
    "  reviews: 91.73% (111 of 121), 10 dropped, 2.00 s in gaps",
    "    ▁▄ █",
    "     × !",
    "    each column a minute from 2023-11-14T22:13Z; the highest 80 calls",
  ]);
});

test("many minutes share columns, so that the line fits the terminal", () => {
  const lines = shown(ledger(Array.from({ length: 200 }, () => ({ seen: 3, kept: 3 }))), 54);
  assert.equal(lines[2], `    ${"█".repeat(50)}`);
  assert.match(lines[3]!, /each column 4 minutes .* the highest 12 calls/);
});

test("a restart that was announced is said with its bounds; others are gaps", () => {
  const restart = {
    recorder: "reviews",
    incarnation: "b",
    afterIncarnation: "a",
    fromNs: startNs,
    toNs: startNs + minuteNs,
  };
  const restarts = [
    { ...restart, saidGoodbye: true },
    { ...restart, saidGoodbye: false },
  ];
  assert.deepEqual(shown(ledger([], { restarts })).slice(1), [
    "restart: reviews stopped at 2023-11-14T22:13:00.000Z and began again at 2023-11-14T22:14:00.000Z, 1 min 0 s later",
  ]);
});

test("the ledger is a line for each recorder and minute, with what is not zero", () => {
  const one = ledger([{ seen: 3, kept: 2, storeErrors: 1 }, {}]);
  const entries = [{ ...one.entries[0]!, restarts: 1 }, one.entries[1]!];
  assert.equal(
    ledgerText({ ...one, entries }),
    "2023-11-14T22:13Z  reviews  seen 3, kept 2, storeErrors 1, restarts 1\n2023-11-14T22:14Z  reviews  nothing\n",
  );
});
