import { OperatorError } from "../../../base/index.js";
import { checkFence, type Finding, isFenced, placeInWords } from "../../../mesh/index.js";
import type { Io } from "../../io.js";
import type { NamespacePlan } from "./plan.js";

/** Says what is open of the lanes' namespaces, and throws an OperatorError for one that is not fenced, unless that is meant. */
export async function requireFence({ wish, cluster, namespaces, calledBeside }: NamespacePlan, io: Io): Promise<void> {
  for (const namespace of namespaces) {
    const findings = await checkFence(cluster, namespace, calledBeside);
    if (isFenced(findings)) continue;
    const lines = findings.map(findingLine);
    if (wish.settings.unfenced) {
      io.stderr.write(`tapeloop: note: namespace ${namespace} is not fenced, and is replayed into (--unfenced):\n`);
      for (const line of lines) io.stderr.write(line);
      continue;
    }
    io.stderr.write(`namespace ${namespace} is not fenced:\n${lines.join("")}`);
    throw new OperatorError(
      `refused to replay into namespace ${namespace}: what is sent there may call out of it, to production too (${findings.length} finding${findings.length === 1 ? "" : "s"} above); close that, or give --unfenced when it is meant`,
    );
  }
}

function findingLine({ id, place, seen, fix }: Finding): string {
  return `  ${id} ${placeInWords(place)}: ${seen} ${fix}\n`;
}
