import { type Cluster, isNamespaceThere } from "../../mesh/index.js";

/**
 * A line that says that nothing was found, where the namespace is known to be there. Throws an OperatorError where it is not.
 *
 * @param namespace undefined for all of them
 */
export async function nothingText(cluster: Cluster, namespace: string | undefined, words: string): Promise<string> {
  if (namespace === undefined || (await isNamespaceThere(cluster, namespace))) return `${words}\n`;
  return `${words}, as far as is known: whether there is a namespace ${namespace} may not be read\n`;
}
