import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import type { ClusterObject } from "../cluster/object.js";

/** Which pods: those that a Service sends calls to, or those with these labels (a selector as kubectl takes it); all with neither. */
export type PodChoice = { service: string } | { labels: string } | Record<string, never>;

/** A pod, as far as it matters to what passes between pods. */
export interface PodState {
  namespace: string;
  name: string;
  labels: Readonly<Record<string, string>>;
  /** `Running`, `Pending` … */
  phase: string;
  /** Takes calls. */
  isReady: boolean;
  /** Its calls pass through an Envoy of Istio's. */
  hasSidecar: boolean;
  serviceAccount: string;
  /** Address within the cluster, once it has one. */
  ip?: string;
  /** Names of its containers, sidecars aside. */
  containers: readonly string[];
}

/** Name of the container that Istio adds to a pod, as a container or, since 1.29 by default, as an init container that stays. */
export const sidecarContainer = "istio-proxy";

/** The pods there are now, those on their way out left aside. Throws an OperatorError for a Service that is not there, or selects none. */
export async function podsOf(cluster: Cluster, namespace: string, choice: PodChoice): Promise<PodState[]> {
  const labels = await selectorOf(cluster, namespace, choice);
  const which = { apiVersion: "v1", kind: "Pod", namespace };
  const found = await inOneLine(`list the pods of namespace ${namespace}`, () =>
    cluster.list(labels === undefined ? which : { ...which, labels }),
  );
  return found.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(stateOf);
}

async function selectorOf(cluster: Cluster, namespace: string, choice: PodChoice): Promise<string | undefined> {
  if ("labels" in choice) return choice.labels;
  if (!("service" in choice)) return undefined;
  const name = choice.service!;
  const service = await inOneLine(`read service ${name}`, () =>
    cluster.read({ apiVersion: "v1", kind: "Service", namespace, name }),
  );
  if (service === undefined) throw new OperatorError(`there is no Service ${name} in namespace ${namespace}`);
  const { selector = {} } = service.spec as { selector?: Record<string, string> };
  const pairs = Object.entries(selector).map(([label, value]) => `${label}=${value}`);
  if (pairs.length > 0) return pairs.join(",");
  throw new OperatorError(
    `Service ${name} in namespace ${namespace} has no selector: no pods are known to be behind it`,
  );
}

interface PodSpec {
  containers?: { name: string }[];
  initContainers?: { name: string }[];
  serviceAccountName?: string;
}
interface PodStatus {
  phase?: string;
  podIP?: string;
  conditions?: { type: string; status: string }[];
}

function stateOf({ metadata, spec, status }: ClusterObject): PodState {
  const { containers = [], initContainers = [], serviceAccountName = "default" } = (spec ?? {}) as PodSpec;
  const { phase = "Unknown", podIP, conditions = [] } = (status ?? {}) as PodStatus;
  return {
    ...{ namespace: metadata.namespace ?? "default", name: metadata.name, labels: metadata.labels ?? {}, phase },
    isReady: conditions.some(({ type, status: is }) => type === "Ready" && is === "True"),
    hasSidecar: [...containers, ...initContainers].some(({ name }) => name === sidecarContainer),
    serviceAccount: serviceAccountName,
    ...(podIP === undefined ? {} : { ip: podIP }),
    containers: containers.map(({ name }) => name).filter((name) => name !== sidecarContainer),
  };
}
