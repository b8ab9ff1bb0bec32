import type { Cluster } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import type { ClusterObject } from "../cluster/object.js";

/** A service of a namespace whose calls can be mirrored, or why they cannot. */
export interface Hops {
  services: readonly string[];
  leftOut: readonly { service: string; why: string }[];
}

/** Protocols of ports whose bytes Istio does not read as HTTP, by the beginning of the name or `appProtocol`; it tries with all others. */
const notHttp = /^(?:https|tls|tcp|udp|mongo|mysql|redis|postgres|kafka|amqp)(?:-|$)/;
/** On what is ours, recorders and replays, by its chart: a mirror of a recorder would record what it records. */
const ours = { label: "app.kubernetes.io/part-of", value: "tapeloop" };

interface ServiceSpec {
  type?: string;
  selector?: Record<string, string>;
  ports?: { name?: string; appProtocol?: string; protocol?: string }[];
}

/**
 * Which services of a namespace `--hops` is for: those with pods of their own and a port that speaks HTTP. Of several before the same
 * pods the first by name, where `onePerPods` is said: the proxies before these pods would tell of each call as often.
 */
export async function hopsOf(
  cluster: Cluster,
  namespace: string,
  { recorder, onePerPods }: { recorder: string; onePerPods: boolean },
): Promise<Hops> {
  const found = await inOneLine(`list the Services of namespace ${namespace}`, () =>
    cluster.list({ apiVersion: "v1", kind: "Service", namespace }),
  );
  const inOrder = found.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const services: string[] = [];
  const leftOut: { service: string; why: string }[] = [];
  const told = new Map<string, string>();
  for (const object of inOrder) {
    const service = object.metadata.name;
    if (recorder.startsWith(`${service}.${namespace}.`) || isOurs(object)) continue;
    const pods = JSON.stringify(Object.entries(selectorOf(object)).sort());
    const why =
      whyNot(object) ?? (onePerPods && told.has(pods) ? `its pods are those of ${told.get(pods)}` : undefined);
    if (why !== undefined) leftOut.push({ service, why });
    else {
      services.push(service);
      told.set(pods, service);
    }
  }
  return { services, leftOut };
}

function isOurs({ metadata: { labels = {} } }: ClusterObject): boolean {
  return labels[ours.label] === ours.value;
}

function selectorOf({ spec }: ClusterObject): Record<string, string> {
  return (spec as ServiceSpec).selector ?? {};
}

function whyNot({ spec }: ClusterObject): string | undefined {
  const { type, ports = [] } = spec as ServiceSpec;
  if (type === "ExternalName") return "it is a name for a host elsewhere";
  if (Object.keys((spec as ServiceSpec).selector ?? {}).length === 0) return "it selects no pods";
  const speaksHttp = ports.some(
    ({ name = "", appProtocol = name, protocol = "TCP" }) => protocol === "TCP" && !notHttp.test(appProtocol),
  );
  return speaksHttp ? undefined : "it has no port that speaks HTTP";
}
