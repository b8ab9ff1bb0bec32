import { missingAccessOfAll, missingInWords } from "../access/missing-access.js";
import { meshCommands } from "../access/needs.js";
import type { Cluster } from "../cluster/cluster.js";
import type { Finding } from "./finding.js";

/** TL0701: what whoever runs this may not do, a finding for each command that cannot do without. */
export async function checkAccess(cluster: Cluster, namespace: string): Promise<Finding[]> {
  const missing = await missingAccessOfAll(cluster, namespace, meshCommands);
  return meshCommands.flatMap((command): Finding[] => {
    const needed = missing.get(command)!.filter(({ optional }) => !optional);
    if (needed.length === 0) return [];
    return [
      {
        ...{ id: "TL0701", severity: "warning", place: { kind: "Namespace", name: namespace } },
        seen: `\`${command}\` would be refused to ${cluster.user}: it lacks ${missingInWords(needed)}`,
        fix: "ask for a Role with these rights (docs/mesh.md), or leave the command alone",
      },
    ];
  });
}
