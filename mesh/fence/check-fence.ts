import type { Cluster } from "../cluster/cluster.js";
import type { Finding } from "../doctor/finding.js";
import { unknownFinding } from "../doctor/unknown.js";
import { fenceFindings } from "./fence.js";
import { readSurroundings } from "./surroundings.js";

/**
 * Whether what is replayed into a namespace can call out of it, as far as Istio's and Kubernetes' configuration says; see
 * {@link fenceFindings} for the rule. Nothing is sent.
 *
 * @param recordedAuthorities the authorities that the tape's services called: those that lie outside are named
 */
export async function checkFence(
  cluster: Cluster,
  namespace: string,
  recordedAuthorities: readonly string[] = [],
): Promise<Finding[]> {
  const surroundings = await readSurroundings(cluster, namespace);
  const unread = surroundings.unread.map((why) =>
    unknownFinding("the fence", { kind: "Namespace", name: namespace }, why),
  );
  return [...unread, ...fenceFindings(surroundings, recordedAuthorities)];
}

/** Whether the findings of a fence leave it whole: nothing open, and nothing that could not be known. */
export function isFenced(findings: readonly Finding[]): boolean {
  return findings.every(({ severity }) => severity !== "error" && severity !== "unknown");
}
