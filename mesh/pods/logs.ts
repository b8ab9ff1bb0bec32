import type { Readable } from "node:stream";
import type { Cluster } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";

/**
 * What a container has written to its stdout and stderr since it began; with `follow` also what it goes on to write, until it
 * ends or the stream is destroyed. The container may be left out where the pod has one.
 */
export async function podLogs(
  cluster: Cluster,
  namespace: string,
  pod: string,
  container?: string,
  { follow = false }: { follow?: boolean } = {},
): Promise<Readable> {
  return inOneLine(`read the log of pod ${pod} in namespace ${namespace}`, () =>
    cluster.openLog({ namespace, pod, follow, ...(container === undefined ? {} : { container }) }),
  );
}
