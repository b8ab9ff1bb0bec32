import { OperatorError } from "../base/index.js";
import type { Cluster } from "./cluster/cluster.js";
import { inOneLine } from "./cluster/in-one-line.js";

/** What a namespace may be opened for, each by a label of its own. */
export const permits = {
  replay: "tapeloop.io/allow-replay",
  faults: "tapeloop.io/allow-faults",
  mirror: "tapeloop.io/allow-mirror",
} as const;
export type Permit = keyof typeof permits;

/** Throws an OperatorError unless the namespace is there and carries the label with the value `"true"`. */
export async function requirePermit(cluster: Cluster, namespace: string, permit: Permit): Promise<void> {
  const found = await inOneLine(`read namespace ${namespace}`, () =>
    cluster.read({ apiVersion: "v1", kind: "Namespace", name: namespace }),
  );
  if (found === undefined)
    throw new OperatorError(`there is no namespace ${namespace} in the cluster at ${cluster.server}`);
  const label = permits[permit];
  const value = found.metadata.labels?.[label];
  if (value === "true") return;
  const seen = value === undefined ? "has no label" : `has "${value}" for label`;
  throw new OperatorError(
    `namespace ${namespace} is not open for this: it ${seen} ${label}; whoever owns it opens it with: kubectl label namespace ${namespace} ${label}=true`,
  );
}
