import type { ClusterObject } from "../cluster/object.js";
import { livePods, selects, type Workload } from "../workloads/pod.js";
import { type ServiceName, serviceNamed } from "./host.js";
import { objectsOf, type Seen, whyUnknown } from "./seen.js";

/** What is read of a Service's port. */
export interface ServicePort {
  name?: string;
  port: number;
  protocol?: string;
  appProtocol?: string;
}

/** What a host of Istio's configuration leads to. */
export type Target =
  | { kind: "service"; name: ServiceName; service: ClusterObject }
  /** A ServiceEntry of the namespace has it. */
  | { kind: "entry" }
  /** There is none; `meant`: a Service that its writer may have meant. */
  | { kind: "nothing"; meant?: string }
  | { kind: "unknown"; name: ServiceName; why: string };

/** Where a host leads, as an object of the namespace writes it. */
export function targetOf(host: string, seen: Seen, writtenIn = seen.namespace): Target {
  if (entryHosts(seen).some((one) => entryCovers(one, host))) return { kind: "entry" };
  const name = serviceNamed(host, writtenIn);
  if (name === undefined) return { kind: "nothing", ...meantBy(host, seen) };
  const service = objectsOf(seen, "Service", name.namespace).find(({ metadata }) => metadata.name === name.name);
  if (service !== undefined) return { kind: "service", name, service };
  const why = whyUnknown(seen, "Service", name.namespace);
  return why === undefined ? { kind: "nothing", ...meantBy(host, seen) } : { kind: "unknown", name, why };
}

function entryHosts(seen: Seen): string[] {
  return objectsOf(seen, "ServiceEntry").flatMap(({ spec }) => (spec as { hosts?: string[] }).hosts ?? []);
}

function entryCovers(pattern: string, host: string): boolean {
  return pattern === host || (pattern.startsWith("*.") && host.endsWith(pattern.slice(1)));
}

/** `reviews.shop` is no Service to Istio, though Kubernetes' DNS knows it: its full name is meant. */
function meantBy(host: string, seen: Seen): { meant?: string } {
  const [name, namespace = seen.namespace, svc] = host.split(".");
  if (svc !== undefined && svc !== "svc") return {};
  const there = objectsOf(seen, "Service", namespace).some(({ metadata }) => metadata.name === name);
  return there ? { meant: `${name}.${namespace}.svc.cluster.local` } : {};
}

export function portsOf(service: ClusterObject): ServicePort[] {
  return (service.spec as { ports?: ServicePort[] } | undefined)?.ports ?? [];
}

/** Live pods behind a Service; undefined for one without a selector, whose endpoints somebody else names. */
export function podsBehind(service: ClusterObject, seen: Seen): Workload[] | undefined {
  const selector = (service.spec as { selector?: Record<string, string> } | undefined)?.selector;
  if (selector === undefined || Object.keys(selector).length === 0) return undefined;
  const pods = livePods(objectsOf(seen, "Pod", service.metadata.namespace ?? seen.namespace));
  return pods.filter(({ labels }) => selects({ matchLabels: selector }, labels));
}

const httpProtocols = ["http", "http2", "grpc", "grpc-web", "kubernetes.io/h2c", "kubernetes.io/ws"];
const otherProtocols = ["https", "tls", "tcp", "mongo", "mysql", "redis", "udp", "kubernetes.io/wss"];

/** What Istio takes a port for, by its appProtocol or the first word of its name. `unsaid`: it looks at the first bytes. */
export function protocolOf({ name = "", appProtocol }: ServicePort): "http" | "other" | "unsaid" {
  const said = (appProtocol ?? wordOf(name)).toLowerCase();
  if (httpProtocols.includes(said)) return "http";
  return otherProtocols.includes(said) ? "other" : "unsaid";
}

function wordOf(name: string): string {
  return name.startsWith("grpc-web") ? "grpc-web" : name.split("-")[0]!;
}
