import { type Cluster, ClusterRefusal } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { type ClusterObject, inWords, type ObjectRef, refOf } from "../cluster/object.js";
import { contentOf, disownedBy, hashOf, isMarkedBy, markedBy, marksOf, unmarkedBy, withContent } from "./content.js";
import type { Change } from "./entry.js";
import { closeEntry, type FiledEntry } from "./journal.js";
import { isSame, type JsonObject } from "./json.js";
import { keepOwners } from "./owners-of-fields.js";
import { type Standing, standingOf } from "./standing.js";
import { takeOut } from "./take-out.js";

/**
 * How one object came back: `as-before` (read back and equal), `ours-kept` (what another change of ours put in is still
 * there), `edits-kept` (what was ours is out, what others changed since is still there), `deleted` (it was made by us), `gone`
 * (somebody has deleted it since, and it stays so), `untouched` (the change had not come to it, or somebody had undone it).
 */
export interface PutBack extends ObjectRef {
  outcome: "as-before" | "ours-kept" | "edits-kept" | "deleted" | "gone" | "untouched";
  /** How much of what the change had put in was there until then. */
  standing: Standing;
}

/** So often somebody else may change the same object at the same moment. */
const mostTries = 10;

/**
 * Puts back all that an entry speaks of, newest change first, and closes the entry. Whatever it speaks of may have been done,
 * half done, or not done. Safe to be cut off anywhere and called again.
 *
 * @param answered every write of the entry's command has had its answer, so that none can still arrive
 */
export async function putBackEntry(
  cluster: Cluster,
  filed: FiledEntry,
  { answered = filed.entry.leaseUntil === undefined }: { answered?: boolean } = {},
): Promise<PutBack[]> {
  const done: PutBack[] = [];
  for (const change of filed.entry.changes.toReversed()) {
    const how = await putBack(cluster, change, filed.entry.id);
    if (how.outcome === "untouched" && !answered) await outdate(cluster, change, filed.entry.id);
    done.push({ ...refOfChange(change), ...how });
  }
  await closeEntry(cluster, filed);
  return done;
}

export function refOfChange({ apiVersion, kind, namespace, name }: Change): ObjectRef {
  return namespace === undefined ? { apiVersion, kind, name } : { apiVersion, kind, namespace, name };
}

async function putBack(cluster: Cluster, change: Change, id: string): Promise<Pick<PutBack, "outcome" | "standing">> {
  const ref = refOfChange(change);
  return inOneLine(`put back ${inWords(ref)}`, async () => {
    for (let attempt = 1; ; attempt++) {
      const now = await cluster.read(ref);
      if (now === undefined) return { outcome: change.before === undefined ? "untouched" : "gone", standing: "gone" };
      const standing = standingOf(change, contentOf(now));
      try {
        const outcome =
          change.before === undefined
            ? await putBackMade(cluster, change, now, id)
            : await putBackChanged(cluster, { ...change, before: change.before }, now, id);
        return { outcome, standing: outcome === "untouched" ? "gone" : standing };
      } catch (refusal) {
        if (!(refusal instanceof ClusterRefusal && refusal.isConflict) || attempt === mostTries) throw refusal;
      }
    }
  });
}

/**
 * A write that its command has given up, because the API server was frozen or the command was killed, may still arrive. It
 * names the version of the object that it was made from, so a newer version refuses it. One that makes an object is met
 * otherwise: that names the journal's entry as its owner, and the cluster deletes what has lost its owner.
 */
async function outdate(cluster: Cluster, change: Change, id: string): Promise<void> {
  const ref = refOfChange(change);
  const now = change.before === undefined ? undefined : await cluster.read(ref);
  if (now === undefined) return;
  try {
    const marked = await cluster.replace(markedBy(now, id));
    const unmarked = await cluster.replace(unmarkedBy(marked, id));
    await keepOwners(cluster, unmarked, now.metadata.managedFields ?? []);
  } catch (refusal) {
    if (!(refusal instanceof ClusterRefusal && refusal.isConflict)) throw refusal;
    // Somebody else, or the late write itself, was faster: what there is now is looked at anew.
    await putBack(cluster, change, id);
  }
}

/** An object that the change made goes; one that others have edited since keeps their edits. */
async function putBackMade(
  cluster: Cluster,
  { after, without }: Change,
  now: ClusterObject,
  id: string,
): Promise<PutBack["outcome"]> {
  if (!isMarkedBy(now, id)) return "untouched";
  const content = contentOf(now);
  const rest = without === undefined ? undefined : takeOut(without as JsonObject, after as JsonObject, content);
  if (rest === undefined || isSame(rest, without as JsonObject)) {
    await cluster.remove(now);
    return "deleted";
  }
  await cluster.replace(disownedBy(unmarkedBy(withContent(now, rest as JsonObject), id), id));
  return isMarkedByOthers(now, id) ? "ours-kept" : "edits-kept";
}

function isMarkedByOthers(object: ClusterObject, id: string): boolean {
  return marksOf(object).some((mark) => mark !== id);
}

async function putBackChanged(
  cluster: Cluster,
  { before, without, after }: Change & { before: NonNullable<Change["before"]> },
  now: ClusterObject,
  id: string,
): Promise<PutBack["outcome"]> {
  const wasContent = before.content as JsonObject;
  const content = takeOut(wasContent, after as JsonObject, contentOf(now)) as JsonObject;
  if (!isMarkedBy(now, id) && isSame(content, contentOf(now))) return "untouched";
  const others = isMarkedByOthers(now, id);
  if (without !== undefined && !others && isSame(content, without as JsonObject)) {
    // Made by a change of ours that was put back before this one.
    await cluster.remove(now);
    return "deleted";
  }
  const isAsBefore = (one: ClusterObject) => [before.hash, before.origin].includes(hashOf(contentOf(one)));
  const written = await cluster.replace(withContent(unmarkedBy(now, id), content));
  await keepOwners(cluster, written, (isAsBefore(written) ? before : now.metadata).managedFields ?? []);
  const readBack = await cluster.read(refOf(written));
  if (readBack !== undefined && isAsBefore(readBack)) return "as-before";
  return others ? "ours-kept" : "edits-kept";
}
