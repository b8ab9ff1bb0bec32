import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { type Intent, makeChanges, type PlannedChange } from "../journal/change.js";
import { defaultLeaseMs, holdLease } from "../journal/lease.js";
import { putBackEntry } from "../journal/put-back.js";

/** Kind of the journal's entries of chaos. */
export const chaosKind = "chaos";

/**
 * Changes something for a while: through the journal, under a lease that is renewed, and put back at the end whatever
 * happens meanwhile.
 *
 * @param meanwhile what goes on while it is changed; its signal is aborted as well when the lease is lost
 */
export async function changedFor<T>(
  cluster: Cluster,
  intent: Omit<Intent, "kind" | "leaseMs">,
  plan: () => Promise<readonly PlannedChange[]>,
  { signal, meanwhile }: { signal: AbortSignal; meanwhile: (signal: AbortSignal) => Promise<T> },
): Promise<T> {
  const filed = await makeChanges(cluster, { ...intent, kind: chaosKind, leaseMs: defaultLeaseMs }, plan);
  if (filed === undefined) throw new OperatorError(`cannot ${intent.what}: there is nothing to change`);
  const lease = holdLease(cluster, filed, { leaseMs: defaultLeaseMs });
  const came = await meanwhile(AbortSignal.any([signal, lease.lost])).finally(async () => {
    await lease.release();
    await putBackEntry(cluster, filed);
  });
  if (lease.lost.aborted) throw new OperatorError(`${intent.what}: cut short: ${lease.lost.reason}`);
  return came;
}
