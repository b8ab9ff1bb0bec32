import { OperatorError, reasonOf } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import type { PlannedChange } from "../journal/change.js";
import type { FiledEntry } from "../journal/journal.js";
import { putBackEntry } from "../journal/put-back.js";
import { requirePermit } from "../permits.js";
import { type Hops, hopsOf } from "./hops.js";
import { type MirrorWish, mirrorOn, wouldMirror } from "./mirror.js";

/** Every service of a namespace. */
export type HopsWish = Omit<MirrorWish, "service">;

/** What became of a namespace's services. */
export interface MirroredHops extends Hops {
  /** Of the services those that were not mirrored to this recorder before. */
  turnedOn: readonly string[];
}

/** What has to change so that each service of a namespace is mirrored, as it would be now; nothing is written. */
export async function wouldMirrorHops(cluster: Cluster, wish: HopsWish): Promise<PlannedChange[]> {
  return planAll(cluster, wish, await requireHops(cluster, wish));
}

async function planAll(cluster: Cluster, wish: HopsWish, { services }: Hops): Promise<PlannedChange[]> {
  const planned: PlannedChange[] = [];
  for (const service of services) planned.push(...(await wouldMirror(cluster, { ...wish, service })));
  return planned;
}

/**
 * Turns the mirror of each service of a namespace on, each with an entry of its own in the journal, so that one can be put back
 * without the others. All is planned before anything is changed; when one cannot be turned on after all, those that were are put back.
 */
export async function mirrorHopsOn(cluster: Cluster, wish: HopsWish, why?: string): Promise<MirroredHops> {
  await requirePermit(cluster, wish.namespace, "mirror");
  const hops = await requireHops(cluster, wish);
  await planAll(cluster, wish, hops);
  const filed: FiledEntry[] = [];
  try {
    for (const service of hops.services) {
      const entry = await mirrorOn(cluster, { ...wish, service }, why);
      if (entry !== undefined) filed.push(entry);
    }
  } catch (refusal) {
    await putBackAll(cluster, wish.namespace, filed, refusal);
    throw refusal;
  }
  return { ...hops, turnedOn: filed.map(({ entry }) => entry.subject) };
}

async function requireHops(cluster: Cluster, { namespace, to, extProc }: HopsWish): Promise<Hops> {
  const hops = await hopsOf(cluster, namespace, { recorder: to.host, onePerPods: extProc !== undefined });
  if (hops.services.length > 0) return hops;
  throw new OperatorError(
    `namespace ${namespace} has no Service with pods and a port that speaks HTTP: nothing to mirror`,
  );
}

async function putBackAll(
  cluster: Cluster,
  namespace: string,
  filed: readonly FiledEntry[],
  refusal: unknown,
): Promise<void> {
  try {
    for (const entry of filed.toReversed()) await putBackEntry(cluster, entry);
  } catch (trouble) {
    throw new OperatorError(
      `${reasonOf(refusal)}; then ${reasonOf(trouble)}; what was done is in the journal: put it back with: tapeloop restore -n ${namespace}`,
      { cause: trouble },
    );
  }
}
