import type { Cluster } from "../cluster/cluster.js";
import type { JournalEntry } from "./entry.js";
import { isOver } from "./holder.js";
import { type FiledEntry, readJournal } from "./journal.js";
import { type PutBack, putBackEntry } from "./put-back.js";

/** Whether the command of an entry may still be at work: its lease has not run out, and its process is not known to be over. */
export function isAlive({ leaseUntil, holder }: JournalEntry, now = new Date()): boolean {
  if (leaseUntil === undefined || new Date(leaseUntil) <= now) return false;
  return holder === undefined || !isOver(holder);
}

/** Whether the command of an entry has ended without finishing or putting back: what has no lease is to stay as it is. */
export function isStale(entry: JournalEntry, now = new Date()): boolean {
  return entry.leaseUntil !== undefined && !isAlive(entry, now);
}

/** What dead commands have left behind in a namespace, the newest first. Nothing is written. */
export async function staleEntries(cluster: Cluster, namespace: string, now = new Date()): Promise<FiledEntry[]> {
  return (await readJournal(cluster, namespace)).filter(({ entry }) => isStale(entry, now));
}

/** Puts back what dead commands have left behind in a namespace, the newest first. */
export async function restoreStale(
  cluster: Cluster,
  namespace: string,
  now = new Date(),
): Promise<{ what: string; objects: readonly PutBack[] }[]> {
  const done: { what: string; objects: readonly PutBack[] }[] = [];
  for (const filed of await staleEntries(cluster, namespace, now)) {
    done.push({ what: filed.entry.what, objects: await putBackEntry(cluster, filed) });
  }
  return done;
}
