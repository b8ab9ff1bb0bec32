import { type Cluster, ClusterRefusal } from "../cluster/cluster.js";
import type { ClusterObject } from "../cluster/object.js";

/**
 * Gives the fields of an object back to those who managed them before our write. Without it a later server-side apply by
 * their owner would meet a conflict with us; `.spec.http` of a VirtualService is one atomic field, so the whole of it.
 *
 * That the object changes in between costs this courtesy and nothing else.
 */
export async function keepOwners(
  cluster: Cluster,
  written: ClusterObject,
  managedFields: readonly unknown[],
): Promise<void> {
  if (managedFields.length === 0) return;
  try {
    await cluster.replace({ ...written, metadata: { ...written.metadata, managedFields } });
  } catch (refusal) {
    if (!(refusal instanceof ClusterRefusal && refusal.isConflict)) throw refusal;
  }
}
