import { Interrupted } from "../base/index.js";
import type { Cluster } from "./cluster/cluster.js";
import { type FiledEntry, readJournal } from "./journal/journal.js";
import { type PutBack, putBackEntry } from "./journal/put-back.js";
import { isAlive } from "./journal/stale.js";

/** What a restore did, or would do, with one entry. */
export interface Restored extends Pick<FiledEntry["entry"], "id" | "what" | "by" | "at" | "leaseUntil"> {
  namespace: string;
  /** Its command may be alive: its lease has not run out, and it is not known to be over. Not put back unless asked to. */
  alive: boolean;
  /** Absent when nothing was done. */
  objects?: readonly PutBack[];
}

export interface RestoreOptions {
  /** All namespaces without it. */
  namespace?: string;
  /** Say what would be done, and do nothing. */
  dryRun?: boolean;
  /** Put back what a living command holds, too. */
  evenIfAlive?: boolean;
  now?: Date;
}

/** Puts back, newest first, whatever the journal says was changed; by anyone, at any time. */
export async function restore(cluster: Cluster, options: RestoreOptions = {}): Promise<Restored[]> {
  const { namespace, dryRun = false, evenIfAlive = false, now = new Date() } = options;
  const done: Restored[] = [];
  for (const filed of await readJournal(cluster, namespace)) {
    if (cluster.signal?.aborted) throw new Interrupted("interrupted: not all is put back; run the same again");
    const { id, what, by, at, leaseUntil } = filed.entry;
    const alive = isAlive(filed.entry, now);
    const one: Restored = { id, what, by, at, namespace: filed.configMap.metadata.namespace!, alive };
    if (leaseUntil !== undefined) one.leaseUntil = leaseUntil;
    if (!dryRun && (!alive || evenIfAlive)) one.objects = await putBackEntry(cluster, filed);
    done.push(one);
  }
  return done;
}
