import type { ClusterObject } from "../cluster/object.js";
import { selects, type Workload } from "../workloads/pod.js";

/** What is read of a Sidecar (Istio's resource, not the container). */
interface SidecarSpec {
  workloadSelector?: { labels?: Record<string, string> };
  egress?: { hosts?: string[] }[];
  outboundTrafficPolicy?: { mode?: string };
}

/** What a proxy may call, as Istio's configuration says it. */
export interface ProxyScope {
  /** The Sidecar that says it; absent where none does and the mesh's defaults hold. */
  by?: ClusterObject;
  /** `NAMESPACE/HOST`, both with wildcards: which hosts it knows. */
  egressHosts: readonly string[];
  /** `REGISTRY_ONLY`: a host it does not know is refused. Undefined: it is not said anywhere that could be read. */
  mode: string | undefined;
}

/** Without a Sidecar a proxy knows every host of the mesh. */
const everyHost = ["*/*"];

export function sidecarSpec(object: ClusterObject): SidecarSpec {
  return (object.spec ?? {}) as SidecarSpec;
}

/**
 * The scope of a workload's proxy: by the Sidecar that selects it, else by its namespace's own, else by that of Istio's root
 * namespace. What a Sidecar leaves unsaid is the mesh's. Undefined as workload asks for the namespace's default.
 *
 * @param namespace of the workload: a `.` in a Sidecar of the root namespace means it, too
 * @param own Sidecars of the namespace
 * @param root Sidecars of Istio's root namespace
 */
export function scopeOf(
  workload: Workload | undefined,
  namespace: string,
  own: readonly ClusterObject[],
  root: readonly ClusterObject[],
  meshMode: string | undefined,
): ProxyScope {
  const by = own.find((object) => selectsWorkload(object, workload)) ?? defaultOf(own) ?? defaultOf(root);
  if (by === undefined) return { egressHosts: everyHost, mode: meshMode };
  const { egress, outboundTrafficPolicy } = sidecarSpec(by);
  const hosts = egress?.flatMap(({ hosts: these = [] }) => these);
  const egressHosts = (hosts ?? everyHost).map((host) =>
    host.startsWith("./") ? `${namespace}${host.slice(1)}` : host,
  );
  return { by, egressHosts, mode: outboundTrafficPolicy?.mode ?? meshMode };
}

function selectsWorkload(object: ClusterObject, workload: Workload | undefined): boolean {
  const labels = sidecarSpec(object).workloadSelector?.labels;
  return workload !== undefined && labels !== undefined && selects({ matchLabels: labels }, workload.labels);
}

function defaultOf(sidecars: readonly ClusterObject[]): ClusterObject | undefined {
  return sidecars.find((object) => sidecarSpec(object).workloadSelector?.labels === undefined);
}
