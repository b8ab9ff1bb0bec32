import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import type { ClusterObject } from "../cluster/object.js";
import type { PodState } from "../pods/pods-of.js";

/** The number of a pod's port, which may be written by the name that a container gives it. Throws an OperatorError where no container does. */
export async function containerPort(
  cluster: Cluster,
  { namespace, name }: Pick<PodState, "namespace" | "name">,
  port: number | string,
): Promise<number> {
  if (typeof port === "number") return port;
  const pod = await inOneLine(`read pod ${name}`, () =>
    cluster.read({ apiVersion: "v1", kind: "Pod", namespace, name }),
  );
  const found = pod === undefined ? undefined : portsOf(pod).find((one) => one.name === port);
  if (found !== undefined) return found.containerPort;
  throw new OperatorError(`no container of pod ${name} in namespace ${namespace} has a port named ${port}`);
}

/** The ports that a pod's containers name, those that are native sidecars among them. */
export function portsOf({ spec }: ClusterObject): readonly NamedPort[] {
  const { containers = [], initContainers = [] } = (spec ?? {}) as Record<
    string,
    { ports?: NamedPort[] }[] | undefined
  >;
  return [...containers, ...initContainers].flatMap(({ ports = [] }) => ports);
}

interface NamedPort {
  name?: string;
  containerPort: number;
}
