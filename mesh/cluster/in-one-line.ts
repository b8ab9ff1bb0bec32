import { OperatorError } from "../../base/index.js";
import { ClusterRefusal } from "./cluster.js";

/**
 * Does something to a cluster; what the API server refuses becomes one line that says what was being done, and what it
 * answered, a webhook's own words included.
 */
export async function inOneLine<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (refusal) {
    if (!(refusal instanceof ClusterRefusal)) throw refusal;
    throw new OperatorError(`cannot ${what}: ${hintOf(refusal)}`, { cause: refusal });
  }
}

function hintOf({ status, words }: ClusterRefusal): string {
  if (status === 401) return `the cluster does not know who you are (${words}); look at the kubeconfig's user`;
  if (status === 403 && !/admission webhook/.test(words)) return `missing rights: ${words}`;
  if (status === 404 && /page not found|could not find the requested resource/.test(words)) {
    return "the cluster does not know this kind of object; are its CRDs (Istio, Gateway API) installed?";
  }
  return words;
}
