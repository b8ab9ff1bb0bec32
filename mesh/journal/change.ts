import { randomBytes } from "node:crypto";
import { Interrupted, OperatorError, reasonOf } from "../../base/index.js";
import { type Cluster, ClusterRefusal } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { type ClusterObject, inWords, refOf } from "../cluster/object.js";
import { contentOf, hashOf, markedBy, marksOf, ownedBy, withContent } from "./content.js";
import { type Change, configMapName, entryOf, type JournalEntry } from "./entry.js";
import { thisHolder } from "./holder.js";
import { type FiledEntry, fileEntry } from "./journal.js";
import type { JsonObject } from "./json.js";
import { defaultLeaseMs, holdLease, settleEntry } from "./lease.js";
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
  /**
   * For a change that ends with its command: for how long at a time that promises to be alive, in milliseconds; it holds the
   * entry's lease by `holdLease`. Absent for what stays until it is put back.
   */
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
    const changes = await Promise.all(planned.map(async (one) => changeOf(one, await firstChangeIn(cluster, one))));
    const filed = await fileEntry(cluster, entryFor(cluster, intent, changes), intent.namespace);
    try {
      await makeAll(cluster, intent, planned, filed);
      return filed;
    } catch (refusal) {
      await undo(cluster, intent, filed, refusal);
      if (!(refusal instanceof ClusterRefusal && refusal.isConflict)) throw refusal;
      if (attempt === mostTries) throw new OperatorError(`cannot ${intent.what}: ${refusal.words}; try again`);
    }
  }
}

/** Every entry has a lease while it is made: where that ends half way, others can tell. */
async function makeAll(
  cluster: Cluster,
  { what, leaseMs }: Intent,
  planned: readonly PlannedChange[],
  filed: FiledEntry,
): Promise<void> {
  const lease = holdLease(cluster, filed, { leaseMs: leaseMs ?? defaultLeaseMs });
  try {
    for (const change of planned) {
      if (cluster.signal?.aborted) throw new Interrupted(`interrupted: "${what}" was not done, and all is as it was`);
      if (lease.lost.aborted) throw new OperatorError(`cannot ${what}: ${lease.lost.reason}`);
      await makeChange(cluster, change, filed);
    }
  } finally {
    await lease.release();
  }
  if (leaseMs === undefined) await settleEntry(cluster, filed);
}

/** Puts back what was made. Where that fails, too, says how it is done. */
async function undo(cluster: Cluster, { what, namespace }: Intent, filed: FiledEntry, refusal: unknown): Promise<void> {
  try {
    await putBackEntry(cluster, filed, { answered: wasAnswered(refusal) });
  } catch (trouble) {
    const seen = reasonOf(refusal) === reasonOf(trouble) ? "" : `; then ${reasonOf(trouble)}`;
    throw new (cluster.signal?.aborted ? Interrupted : OperatorError)(
      `cannot ${what}: ${reasonOf(refusal)}${seen}; what of it was done is in the journal: put it back with: tapeloop restore -n ${namespace}`,
      { cause: trouble },
    );
  }
}

async function makeChange(cluster: Cluster, { now, after }: PlannedChange, filed: FiledEntry): Promise<void> {
  const { id } = filed.entry;
  await inOneLineButConflicts(`change ${inWords(refOf(after))}`, async () => {
    if (now === undefined) {
      await cluster.create(ownedBy(markedBy(after, id), filed.configMap));
      return;
    }
    const written = await cluster.replace(withContent(markedBy(now, id), contentOf(after)));
    await keepOwners(cluster, written, now.metadata.managedFields ?? []);
  });
}

/** Whether every write so far has had an answer of the API server: then none can still arrive. */
function wasAnswered(refusal: unknown): boolean {
  if (refusal instanceof Interrupted || refusal instanceof ClusterRefusal) return true;
  return refusal instanceof OperatorError && refusal.cause instanceof ClusterRefusal;
}

async function inOneLineButConflicts(what: string, act: () => Promise<void>): Promise<void> {
  await act().catch((refusal: unknown) => {
    if (refusal instanceof ClusterRefusal && refusal.isConflict) throw refusal;
    return inOneLine(what, () => Promise.reject(refusal));
  });
}

function entryFor(cluster: Cluster, intent: Intent, changes: Change[]): JournalEntry {
  const { kind, subject, what, why, leaseMs } = intent;
  const at = new Date();
  const holder = thisHolder();
  const leaseUntil = new Date(at.getTime() + (leaseMs ?? defaultLeaseMs)).toISOString();
  return {
    ...{ format: 1, id: randomBytes(5).toString("hex"), kind, subject, what, by: cluster.user, at: at.toISOString() },
    ...(why === undefined ? {} : { why }),
    leaseUntil,
    ...(holder === undefined ? {} : { holder }),
    changes,
  };
}

/** The oldest of our changes that are in an object still, by its entry in the journal. */
async function firstChangeIn(cluster: Cluster, { now }: PlannedChange): Promise<Change | undefined> {
  if (now === undefined) return undefined;
  const { kind, name, namespace } = refOf(now);
  for (const id of marksOf(now)) {
    const ref = { apiVersion: "v1", kind: "ConfigMap", name: configMapName(id), ...(namespace && { namespace }) };
    const configMap = await inOneLine("read the journal", () => cluster.read(ref));
    const changes = configMap === undefined ? [] : entryOf(configMap).changes;
    const found = changes.find((one) => one.kind === kind && one.name === name && one.namespace === namespace);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @param first what is in it of ours already: whichever of the two is put back last, it is then as it was before both */
function changeOf({ now, after, without: own }: PlannedChange, first: Change | undefined): Change {
  const without = own ?? first?.without;
  const change: Change = { ...refOf(after), after: contentOf(after) };
  if (without !== undefined) change.without = without;
  if (now === undefined) return change;
  const content = contentOf(now);
  const { managedFields } = now.metadata;
  change.before = { content, hash: hashOf(content) };
  if (managedFields !== undefined) change.before.managedFields = [...managedFields];
  const origin = first?.before?.origin ?? first?.before?.hash;
  if (origin !== undefined) change.before.origin = origin;
  return change;
}
