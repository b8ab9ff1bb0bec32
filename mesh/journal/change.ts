import { randomBytes } from "node:crypto";
import { OperatorError } from "../../base/index.js";
import { type Cluster, ClusterRefusal } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { type ClusterObject, inWords, refOf } from "../cluster/object.js";
import { contentOf, hashOf, markedBy, withContent } from "./content.js";
import type { Change, JournalEntry } from "./entry.js";
import { type FiledEntry, fileEntry } from "./journal.js";
import type { JsonObject } from "./json.js";
import { keepOwners } from "./owners-of-fields.js";
import { putBackEntry } from "./put-back.js";

/** What is to become of one object. */
export interface PlannedChange {
  /** As it is now; absent for one that is to be made. */
  now?: ClusterObject;
  /** As it is to be. */
  after: ClusterObject;
  /** For one that is to be made: content that means the same as its absence. */
  without?: JsonObject;
}

/** What the journal says of a change. */
export interface Intent extends Pick<JournalEntry, "kind" | "subject" | "what"> {
  /** Where the journal's entry lies. */
  namespace: string;
  why?: string;
  /** For how long its command promises to be alive, in milliseconds; absent for what stays until it is put back. */
  leaseMs?: number;
}

/** So often somebody else may change the same objects at the same moment. */
const mostTries = 5;

/**
 * The one way in which anything in a cluster is changed: written to the journal first, then made, one object after the
 * other. When somebody else was faster, or the cluster refuses, what was made is put back; then it is planned anew, or the
 * refusal thrown as an OperatorError.
 *
 * @param plan reads the cluster and says what is to be changed; nothing gives undefined, and nothing is written
 */
export async function makeChanges(
  cluster: Cluster,
  intent: Intent,
  plan: () => Promise<readonly PlannedChange[]>,
): Promise<FiledEntry | undefined> {
  for (let attempt = 1; ; attempt++) {
    const planned = await plan();
    if (planned.length === 0) return undefined;
    const filed = await fileEntry(cluster, entryFor(cluster, intent, planned), intent.namespace);
    try {
      for (const change of planned) await makeChange(cluster, change, filed.entry.id);
      return filed;
    } catch (refusal) {
      await putBackEntry(cluster, filed);
      if (!(refusal instanceof ClusterRefusal && refusal.isConflict)) throw refusal;
      if (attempt === mostTries) throw new OperatorError(`cannot ${intent.what}: ${refusal.words}; try again`);
    }
  }
}

async function makeChange(cluster: Cluster, { now, after }: PlannedChange, id: string): Promise<void> {
  const marked = markedBy(after, id);
  await inOneLineButConflicts(`change ${inWords(refOf(after))}`, async () => {
    if (now === undefined) {
      await cluster.create(marked);
      return;
    }
    const written = await cluster.replace(withContent(markedBy(now, id), contentOf(after)));
    await keepOwners(cluster, written, now.metadata.managedFields ?? []);
  });
}

async function inOneLineButConflicts(what: string, act: () => Promise<void>): Promise<void> {
  await act().catch((refusal: unknown) => {
    if (refusal instanceof ClusterRefusal && refusal.isConflict) throw refusal;
    return inOneLine(what, () => Promise.reject(refusal));
  });
}

function entryFor(cluster: Cluster, intent: Intent, planned: readonly PlannedChange[]): JournalEntry {
  const { kind, subject, what, why, leaseMs } = intent;
  const at = new Date();
  return {
    ...{ format: 1, id: randomBytes(5).toString("hex"), kind, subject, what, by: cluster.user, at: at.toISOString() },
    ...(why === undefined ? {} : { why }),
    ...(leaseMs === undefined ? {} : { leaseUntil: new Date(at.getTime() + leaseMs).toISOString() }),
    changes: planned.map(changeOf),
  };
}

function changeOf({ now, after, without }: PlannedChange): Change {
  const change: Change = { ...refOf(after), after: contentOf(after) };
  if (without !== undefined) change.without = without;
  if (now === undefined) return change;
  const content = contentOf(now);
  const { managedFields } = now.metadata;
  change.before = { content, hash: hashOf(content) };
  if (managedFields !== undefined) change.before.managedFields = [...managedFields];
  return change;
}
