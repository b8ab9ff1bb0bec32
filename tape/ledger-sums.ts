import type { RecorderId } from "./exchange.js";
import {
  type Gap,
  type Ledger,
  type LedgerCounts,
  type LedgerEntry,
  ledgerCounts,
  noCounts,
  type Restart,
} from "./ledger.js";
import type { RedactionSpec } from "./redaction/rules/spec.js";

/** A stretch whose Exchanges were in a file that was removed while a recorder wrote to it. */
export interface Lost {
  fromNs: bigint;
  /** When it began another file. */
  toNs: bigint;
  exchanges: number;
}

/** What a tape knows of one incarnation, from all its segments. */
export interface Incarnation {
  id: RecorderId;
  service?: string;
  upstream?: string;
  /** What it redacted beside what is done unasked: see RecorderDescription. */
  redaction?: readonly RedactionSpec[];
  startedNs: bigint;
  /** When it last stored or counted something. */
  aliveNs: bigint;
  /** Absent when it did not say goodbye. */
  stoppedNs?: bigint;
  /** Known to have ended without a goodbye: its process is gone. */
  dead: boolean;
  lost?: readonly Lost[];
}

/** Adds `more` to `sums`. */
export function addCounts(sums: LedgerCounts, more: Readonly<Partial<LedgerCounts>>): void {
  for (const count of ledgerCounts) sums[count] += more[count] ?? 0;
}

/** The counts of all entries together. */
export function sumOf(entries: Iterable<LedgerEntry>): LedgerCounts {
  const sums = noCounts();
  for (const entry of entries) addCounts(sums, entry.counts);
  return sums;
}

const minuteNs = 60_000_000_000n;

/** The ledger of a tape from its parts; `entries` hold each recorder and minute once. */
export function ledgerOf(entries: readonly LedgerEntry[], incarnations: readonly Incarnation[]): Ledger {
  const restarts = restartsBetween(incarnations);
  const byPlace = new Map(entries.map((entry) => [`${entry.recorder.incarnation} ${entry.minuteNs}`, entry]));
  for (const { recorder: name, incarnation, toNs } of restarts) {
    const at = toNs - (toNs % minuteNs);
    const entry = byPlace.get(`${incarnation} ${at}`) ?? {
      ...{ recorder: { name, incarnation }, minuteNs: at, counts: noCounts() },
    };
    byPlace.set(`${incarnation} ${at}`, { ...entry, restarts: 1 });
  }
  const inOrder = [...byPlace.values()].sort((a, b) =>
    a.minuteNs < b.minuteNs ? -1 : a.minuteNs > b.minuteNs ? 1 : 0,
  );
  return { entries: inOrder, gaps: gapsBetween(incarnations), restarts };
}

/** Each incarnation but the first of a name, unless an earlier one still lived when it began: those are replicas. */
export function restartsBetween(incarnations: readonly Incarnation[]): Restart[] {
  const endOf = ({ stoppedNs, aliveNs }: Incarnation) => stoppedNs ?? aliveNs;
  return incarnations.flatMap((started) => {
    const earlier = incarnations.filter(
      ({ id, startedNs }) =>
        id.name === started.id.name && id.incarnation !== started.id.incarnation && startedNs < started.startedNs,
    );
    const last = earlier.reduce<Incarnation | undefined>(
      (latest, one) => (latest === undefined || endOf(one) > endOf(latest) ? one : latest),
      undefined,
    );
    if (last === undefined || endOf(last) >= started.startedNs) return [];
    const { name: recorder, incarnation } = started.id;
    const saidGoodbye = last.stoppedNs !== undefined;
    const bounds = { fromNs: endOf(last), toNs: started.startedNs };
    return [{ recorder, incarnation, afterIncarnation: last.id.incarnation, saidGoodbye, ...bounds }];
  });
}

/**
 * Where nothing may have been recorded: from the last sign of life of an incarnation that did not say goodbye to the
 * start of the next one of its name. Without a next one it is a gap only when the incarnation is known to be dead; two of
 * one name that overlap (replicas) leave none. And where what was recorded has gone with its file.
 */
export function gapsBetween(incarnations: readonly Incarnation[]): Gap[] {
  const byStart = [...incarnations].sort((a, b) =>
    a.startedNs < b.startedNs ? -1 : a.startedNs > b.startedNs ? 1 : 0,
  );
  return [...byStart.flatMap(lostGaps), ...gapsAfterDeath(byStart)].sort((a, b) =>
    a.fromNs < b.fromNs ? -1 : a.fromNs > b.fromNs ? 1 : 0,
  );
}

function lostGaps({ id, lost = [] }: Incarnation): Gap[] {
  return lost.map(({ fromNs, toNs, exchanges: lostExchanges }) => {
    return { recorder: id.name, afterIncarnation: id.incarnation, fromNs, toNs, lostExchanges };
  });
}

function gapsAfterDeath(byStart: readonly Incarnation[]): Gap[] {
  return byStart
    .filter((incarnation) => incarnation.stoppedNs === undefined)
    .flatMap((ended) => {
      const next = byStart.find(
        ({ id, startedNs }) =>
          id.name === ended.id.name && id.incarnation !== ended.id.incarnation && startedNs > ended.aliveNs,
      );
      if (!next && !ended.dead) return [];
      const gap: Gap = { recorder: ended.id.name, afterIncarnation: ended.id.incarnation, fromNs: ended.aliveNs };
      return [next ? { ...gap, toNs: next.startedNs } : gap];
    });
}
