import type { Cluster } from "../cluster/cluster.js";
import { podPage } from "./page.js";

/** Where the Envoy of a sidecar serves its admin pages, on its pod's loopback. */
const adminPort = 15_000;

/**
 * Counters and gauges of a pod's sidecar whose names begin so, by name, as its Envoy has them now. Istio has its proxies keep
 * but a part of them (`proxyStatsMatcher`): one that is not in the answer is not known, which is not zero.
 */
export async function sidecarStats(
  cluster: Cluster,
  namespace: string,
  pod: string,
  prefix: string,
): Promise<Map<string, number>> {
  const filter = encodeURIComponent(`^${prefix.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`);
  return parseStats(await podPage(cluster, namespace, pod, adminPort, `/stats?filter=${filter}`));
}

/** `name: 12` a line; histograms and texts are left out. */
export function parseStats(text: string): Map<string, number> {
  const stats = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, name, value] = /^(.+): (\d+)$/.exec(line.trim()) ?? [];
    if (name !== undefined) stats.set(name, Number(value));
  }
  return stats;
}

/** What an Envoy counts for one of the places that it sends calls of a cluster to, such as `rq_total` and `cx_connect_fail`. */
export interface HostCounts {
  /** Envoy's name of the cluster: `outbound|8080||recorder.tapeloop.svc.cluster.local`. */
  cluster: string;
  /** `HOST:PORT`. */
  host: string;
  counts: ReadonlyMap<string, number>;
}

/** These are kept whatever Istio has its proxies leave out: what is not here was not sent from there. */
export async function sidecarHosts(cluster: Cluster, namespace: string, pod: string): Promise<HostCounts[]> {
  return parseHosts(await podPage(cluster, namespace, pod, adminPort, "/clusters"));
}

/** An IPv6 address holds colons itself. */
const hostLine = /^(.+?)::(.+:\d+)::(\w+)::(\d+)$/;

/** `cluster::host:port::name::12` a line; others are left out. */
export function parseHosts(text: string): HostCounts[] {
  const found = new Map<string, { cluster: string; host: string; counts: Map<string, number> }>();
  for (const line of text.split("\n")) {
    const [, cluster, host, name, value] = hostLine.exec(line.trim()) ?? [];
    if (cluster === undefined) continue;
    const key = `${cluster}::${host}`;
    const known = found.get(key) ?? { cluster, host: host!, counts: new Map<string, number>() };
    known.counts.set(name!, Number(value));
    found.set(key, known);
  }
  return [...found.values()];
}
