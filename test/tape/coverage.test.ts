import assert from "node:assert/strict";
import { test } from "node:test";
import { coverageOf, type Gap, type Ledger, type LedgerCounts, type LedgerEntry, noCounts } from "../../tape/index.js";

const minuteNs = 60_000_000_000n;
const startNs = 28_333_334n * minuteNs;

function entry(name: string, minute: bigint, counts: Partial<LedgerCounts>): LedgerEntry {
  const recorder = { name, incarnation: "0123456789abcdef" };
  return { recorder, minuteNs: startNs + minute * minuteNs, counts: { ...noCounts(), ...counts } };
}

function gap(recorder: string, fromMinute: number, toMinute?: number): Gap {
  const at = (minute: number) => startNs + BigInt(minute * 60_000) * 1_000_000n;
  const bounds = { fromNs: at(fromMinute), ...(toMinute === undefined ? {} : { toNs: at(toMinute) }) };
  return { recorder, afterIncarnation: "0123456789abcdef", ...bounds };
}

const ledger: Ledger = {
  entries: [
    entry("a", 0n, { seen: 100, kept: 90, sampledOut: 10 }),
    entry("b", 0n, { seen: 10, kept: 5, dropped: 5 }),
    entry("a", 3n, { seen: 50, kept: 40, dropped: 8 }),
  ],
  gaps: [gap("a", 0.5, 2)],
  restarts: [],
};

test("the share is what was kept of those seen and wanted; what was left out by choice does not count", () => {
  const { gaps, recorders, ...all } = coverageOf(ledger);
  assert.deepEqual(all, { seen: 160, kept: 135, dropped: 13, sampledOut: 10, undecided: 2, share: 0.9 });
  assert.deepEqual(
    recorders.map(({ recorder, share, gapMs }) => [recorder, share, gapMs]),
    [
      ["a", 130 / 140, 90_000],
      ["b", 0.5, 0],
    ],
  );
  assert.equal(gaps.length, 1);
});

test("each minute stands by itself, also one in which nothing was counted, and knows its part of a gap", () => {
  const [a] = coverageOf(ledger).recorders;
  assert.deepEqual(
    a!.minutes.map(({ minuteNs: at, seen, share, gapMs }) => [(at - startNs) / minuteNs, seen, share, gapMs]),
    [
      [0n, 100, 1, 30_000],
      [1n, 0, undefined, 60_000],
      [2n, 0, undefined, 0],
      [3n, 50, 0.8, 0],
    ],
  );
});

test("a stretch of time takes the minutes that touch it, and the gaps", () => {
  const late = coverageOf(ledger, { fromNs: startNs + 2n * minuteNs, toNs: startNs + 4n * minuteNs });
  assert.deepEqual([late.share, late.gaps.length, late.recorders.length], [0.8, 0, 1]);
  const early = coverageOf(ledger, { fromNs: startNs + 1n, toNs: startNs + minuteNs });
  assert.deepEqual([early.share, early.gaps.length, early.recorders.length], [0.95, 1, 2]);
});

test("a gap that has not ended goes up to the end of what is looked at", () => {
  const open: Ledger = { ...ledger, gaps: [gap("b", 1)] };
  assert.equal(coverageOf(open, { toNs: startNs + 2n * minuteNs }).recorders[1]!.gapMs, 60_000);
  assert.equal(coverageOf(open, { fromNs: startNs + 3n * minuteNs, toNs: startNs + 4n * minuteNs }).gaps.length, 1);
});

test("where nothing was to be kept there is no share", () => {
  assert.equal(coverageOf({ entries: [], gaps: [], restarts: [] }).share, undefined);
  assert.equal(coverageOf({ ...ledger, entries: [entry("a", 0n, { seen: 3, sampledOut: 3 })] }).share, undefined);
});
