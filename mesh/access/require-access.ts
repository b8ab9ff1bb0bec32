import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { missingAccess, missingInWords } from "./missing-access.js";
import type { MeshCommand } from "./needs.js";

/**
 * For a command that puts back itself what it changes, and one that sends through the API server: asked before anything is
 * done, since a right that only the way back needs, or each call, would be missed when it is too late. Throws an
 * OperatorError that names all that is lacking in the namespace.
 */
export async function requireAccess(cluster: Cluster, namespace: string, command: MeshCommand): Promise<void> {
  const missing = await missingAccess(cluster, namespace, command);
  const needed = missing.filter(({ optional }) => !optional);
  if (needed.length === 0) return;
  throw new OperatorError(
    `cannot begin \`${command}\`: missing rights: ${missingInWords(needed)}; nothing was changed`,
  );
}
