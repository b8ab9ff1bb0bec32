import type { Cluster } from "../cluster/cluster.js";
import { examine } from "./examine.js";
import type { Finding } from "./finding.js";
import type { FindingId } from "./ids.js";
import { readSeen } from "./read-seen.js";

/** What keeps a fault that is on from firing. */
const obstacles: ReadonlySet<FindingId> = new Set([
  ...(["TL0101", "TL0102", "TL0103", "TL0104", "TL0105", "TL0106", "TL0107", "TL0110", "TL0111", "TL0201"] as const),
]);

/** What may keep the faults that are on in a namespace from firing; as far as it can be seen. Throws an OperatorError where nothing can. */
export async function faultObstacles(cluster: Cluster, namespace: string): Promise<Finding[]> {
  const { findings } = examine(await readSeen(cluster, namespace));
  return findings.filter(({ id }) => obstacles.has(id));
}
