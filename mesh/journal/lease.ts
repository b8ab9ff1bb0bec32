import { setTimeout as delay } from "node:timers/promises";
import { reasonOf } from "../../base/index.js";
import { type Cluster, ClusterRefusal } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { refOf } from "../cluster/object.js";
import { configMapOf, entryOf, type JournalEntry } from "./entry.js";
import type { FiledEntry } from "./journal.js";

/** A lease that is renewed until it is released. */
export interface HeldLease {
  /**
   * Aborted, with a sentence as its reason, when the lease is lost: somebody has put the entry back, or it could not be
   * renewed in time, so that anybody may. What the entry speaks of is no longer the holder's to rely on.
   */
  readonly lost: AbortSignal;
  /** Ends the renewing; the entry itself stays as it is. Safe to call twice. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  /** For how long each renewal promises that the holder is alive. */
  leaseMs: number;
  /** The wall clock, in milliseconds since the epoch. */
  now?: () => number;
  /** Resolves after so many milliseconds, or when aborted. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Long enough that a machine that is busy, or a clock that is half a minute off, costs nobody a lease. */
export const defaultLeaseMs = 90_000;

/**
 * Renews the lease of an entry, three times in its length, until released: for a command that is to run for long. The
 * entry given is kept up to date with what lies in the cluster, so that it can be closed.
 */
export function holdLease(cluster: Cluster, filed: FiledEntry, options: LeaseOptions): HeldLease {
  const { leaseMs, now = Date.now, sleep = sleepOrAbort } = options;
  const lost = new AbortController();
  const released = new AbortController();
  const renewing = (async () => {
    let untilMs = filed.entry.leaseUntil === undefined ? now() + leaseMs : Date.parse(filed.entry.leaseUntil);
    for (;;) {
      await sleep(leaseMs / 3, released.signal);
      if (released.signal.aborted) return;
      try {
        const nextMs = now() + leaseMs;
        if (!(await writeEntry(cluster, filed, (entry) => ({ ...entry, leaseUntil: inIso(nextMs) }))))
          return lost.abort("somebody has put back what this command had changed");
        untilMs = nextMs;
      } catch (trouble) {
        if (now() >= untilMs) return lost.abort(`its lease ran out and could not be renewed: ${reasonOf(trouble)}`);
      }
    }
  })();
  return {
    lost: lost.signal,
    release: () => {
      released.abort();
      return renewing;
    },
  };
}

/** Takes the lease and the holder out of an entry: what it speaks of is to stay until somebody puts it back. */
export async function settleEntry(cluster: Cluster, filed: FiledEntry): Promise<void> {
  await inOneLine("settle the journal's entry", () =>
    writeEntry(cluster, filed, ({ leaseUntil: _until, holder: _holder, ...entry }) => entry),
  );
}

/** So often somebody else may write the same entry at the same moment. */
const mostTries = 5;

/** Writes an entry as it is to be. False when it is gone: put back, or deleted. */
async function writeEntry(
  cluster: Cluster,
  filed: FiledEntry,
  change: (entry: JournalEntry) => JournalEntry,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const entry = change(entryOf(filed.configMap));
    const { data } = configMapOf(entry, filed.configMap.metadata.namespace!);
    try {
      filed.configMap = await cluster.replace({ ...filed.configMap, data });
      filed.entry = entry;
      return true;
    } catch (refusal) {
      if (!(refusal instanceof ClusterRefusal)) throw refusal;
      if (refusal.status !== 404 && (!refusal.isConflict || attempt === mostTries)) throw refusal;
      const there = await cluster.read(refOf(filed.configMap));
      if (there === undefined || there.metadata.uid !== filed.configMap.metadata.uid) return false;
      filed.configMap = there;
    }
  }
}

function inIso(ms: number): string {
  return new Date(ms).toISOString();
}

async function sleepOrAbort(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
