import type { Cluster } from "../cluster/cluster.js";
import type { ObjectRef } from "../cluster/object.js";

/** What is read of a Deployment's spec and status (Kubernetes API, apps/v1). */
interface DeploymentState {
  spec: { replicas?: number };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    availableReplicas?: number;
  };
}

/**
 * Why a Deployment is not rolled out yet, as a phrase; undefined when it is: every replica is of the template as it is now
 * and available, and no pod of an older one is left. `kubectl rollout status` does not wait for the last.
 */
export async function whyNotRolledOut(
  cluster: Cluster,
  ref: ObjectRef,
  labels: Record<string, string>,
): Promise<string | undefined> {
  const deployment = await cluster.read(ref);
  if (deployment === undefined) return "somebody has deleted it";
  const { spec, status = {} } = deployment as unknown as DeploymentState;
  const wanted = spec.replicas ?? 1;
  if ((status.observedGeneration ?? 0) < Number(deployment.metadata.generation ?? 0)) return "it was not looked at yet";
  if ((status.updatedReplicas ?? 0) < wanted) return `${status.updatedReplicas ?? 0} of ${wanted} replicas are new`;
  if ((status.availableReplicas ?? 0) < wanted) return `${status.availableReplicas ?? 0} of ${wanted} are available`;
  if ((status.replicas ?? 0) > wanted) return `${(status.replicas ?? 0) - wanted} old ones are left`;
  const selector = Object.entries(labels)
    .map((label) => label.join("="))
    .join(",");
  const pods = await cluster.list({ apiVersion: "v1", kind: "Pod", namespace: ref.namespace!, labels: selector });
  const ending = pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length;
  return ending === 0 ? undefined : `${ending} old ones are ending`;
}
