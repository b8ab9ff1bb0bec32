import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import type { ClusterObject } from "../cluster/object.js";
import { podsOf } from "../pods/pods-of.js";
import { portsOf } from "./container-port.js";

/** A recorder inside a target, and where its tape can be pulled from. */
export interface RecorderPod {
  namespace: string;
  name: string;
  adminPort: number;
}

/** Name of the port that serves the tape: of a recorder in a pod of somebody else's, and in one of its own. */
const besideOthers = "tapeloop-admin";
const alone = "admin";

/**
 * The running recorders of a namespace: the pods behind a Service that have one, or, without a Service, all that have. A
 * recorder is known by its port named `tapeloop-admin`, or by one named `admin` in a pod labelled as ours. Throws an
 * OperatorError where there is none.
 */
export async function recordersIn(cluster: Cluster, namespace: string, service?: string): Promise<RecorderPod[]> {
  const behind =
    service === undefined ? undefined : (await podsOf(cluster, namespace, { service })).map(({ name }) => name);
  const pods = await inOneLine(`list the pods of namespace ${namespace}`, () =>
    cluster.list({ apiVersion: "v1", kind: "Pod", namespace }),
  );
  const found = pods.flatMap((pod) => {
    if (behind?.includes(pod.metadata.name) === false || !runs(pod)) return [];
    const adminPort = adminPortOf(pod, service !== undefined);
    return adminPort === undefined ? [] : [{ namespace, name: pod.metadata.name, adminPort }];
  });
  if (found.length > 0) return found;
  const where = service === undefined ? "" : ` behind Service ${service}`;
  throw new OperatorError(
    `namespace ${namespace} has no running recorder${where}: no pod there has a port named ${besideOthers}`,
  );
}

function adminPortOf(pod: ClusterObject, isNamed: boolean): number | undefined {
  const ports = portsOf(pod);
  const { labels = {} } = pod.metadata;
  const isOurs =
    labels["app.kubernetes.io/part-of"] === "tapeloop" || labels["app.kubernetes.io/name"] === "tapeloop-recorder";
  const found =
    ports.find(({ name }) => name === besideOthers) ?? ports.find(({ name }) => (isNamed || isOurs) && name === alone);
  return found?.containerPort;
}

function runs({ metadata, status }: ClusterObject): boolean {
  return metadata.deletionTimestamp === undefined && (status as { phase?: string } | undefined)?.phase === "Running";
}
