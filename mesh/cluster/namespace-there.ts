import { OperatorError } from "../../base/index.js";
import { type Cluster, ClusterRefusal } from "./cluster.js";
import { inOneLine } from "./in-one-line.js";

/**
 * Asked where nothing was found in a namespace, which says nothing when its name is mistyped. Throws an OperatorError when there
 * is no such namespace; false where that may not be read.
 */
export async function isNamespaceThere(cluster: Cluster, namespace: string): Promise<boolean> {
  const ref = { apiVersion: "v1", kind: "Namespace", name: namespace };
  try {
    if ((await cluster.read(ref)) !== undefined) return true;
  } catch (refusal) {
    if (refusal instanceof ClusterRefusal && refusal.status === 403) return false;
    return inOneLine(`read namespace ${namespace}`, () => Promise.reject(refusal));
  }
  throw new OperatorError(`there is no namespace ${namespace} in the cluster at ${cluster.server}`);
}
