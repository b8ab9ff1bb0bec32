import type { Cluster } from "../cluster/cluster.js";
import type { PodState } from "../pods/pods-of.js";
import { type HostCounts, sidecarHosts, sidecarStats } from "../pods/sidecar.js";
import type { RouteDestination } from "../routes/virtual-service.js";

/** How calls come to be on the tape: copies by the callers' proxies, or what the proxies before the service tell. */
export type MirrorVantage = "mirror" | "ext-proc";

/**
 * What the Envoys of sidecars count of what they send to a recorder: copies, or for ext-proc streams, one for each call. Since
 * each of them started, and of all mirrors to that place together.
 */
export interface CopyCounts {
  sent: number;
  /** Answered below 500. A recorder never answers a stream of ext-proc: undefined there. */
  answered?: number;
  /** Sent, or to be sent, and not taken: refused, reset, timed out, answered with an error. */
  failed: number;
  /** Of these: nothing came in time. */
  timedOut: number;
  /** Connections that could not be made. */
  unconnected: number;
  /** Not even sent, since a bound was reached; undefined where Istio has a sidecar not keep the count. */
  overflowed?: number;
  /** Of ext-proc: calls that could not be told of, for whatever reason; undefined where a sidecar does not keep the count. */
  untold?: number;
  /** Pods whose sidecar knows the recorder, and was asked. */
  pods: readonly string[];
  /** Pods whose sidecar knows no instance of the recorder: nothing can go there from them. */
  strangers: readonly string[];
  /** Pods whose sidecar could not be asked, with the reason. */
  unread: readonly { pod: string; why: string }[];
  /** Calls that the same sidecars passed on to each service asked about. */
  calls: ReadonlyMap<string, number>;
}

/** What is counted: what goes to this place, and which services' calls. */
export interface Counted {
  to: RouteDestination;
  vantage: MirrorVantage;
  namespace: string;
  services: readonly string[];
}

/** So many pods are asked at once. */
const atOnce = 8;

/** Asks the sidecars of these pods; those without one count nothing, and are left out. */
export async function countCopies(cluster: Cluster, pods: readonly PodState[], counted: Counted): Promise<CopyCounts> {
  const asked = pods.filter(({ hasSidecar, phase }) => hasSidecar && phase === "Running");
  const answers: PodCounts[] = [];
  for (let from = 0; from < asked.length; from += atOnce) {
    const some = asked.slice(from, from + atOnce);
    answers.push(...(await Promise.all(some.map((pod) => countsOfPod(cluster, pod, counted)))));
  }
  return together(answers, counted.vantage);
}

type PodCounts =
  | {
      kind: "counts";
      pod: string;
      hosts: HostCounts[];
      calls: Map<string, number>;
      overflowed?: number;
      untold?: number;
    }
  | { kind: "unread"; pod: string; why: string };

async function countsOfPod(cluster: Cluster, pod: PodState, counted: Counted): Promise<PodCounts> {
  const { to, vantage } = counted;
  try {
    const hosts = await sidecarHosts(cluster, pod.namespace, pod.name);
    const overflowed = await statOf(cluster, pod, `cluster.${clusterName(to)}`, "upstream_rq_pending_overflow");
    const untold =
      vantage === "mirror" ? undefined : await statOf(cluster, pod, "http.inbound", "ext_proc.failure_mode_allowed");
    return {
      ...{ kind: "counts", pod: pod.name, calls: callsIn(hosts, counted) },
      hosts: hosts.filter(({ cluster: name }) => isRecorder(name, to)),
      ...(overflowed === undefined ? {} : { overflowed }),
      ...(untold === undefined ? {} : { untold }),
    };
  } catch (trouble) {
    return { kind: "unread", pod: pod.name, why: (trouble as Error).message };
  }
}

/** Envoy's names of what Istio makes of a Service's ports: `outbound|8080||recorder.tapeloop.svc.cluster.local`. */
function clusterName({ host, port }: RouteDestination): string {
  return `outbound|${port?.number ?? ""}${port === undefined ? "" : `||${host}`}`;
}

function isRecorder(name: string, { host, port }: RouteDestination): boolean {
  const [direction, number, , at] = name.split("|");
  return direction === "outbound" && at === host && (port === undefined || Number(number) === port.number);
}

function callsIn(hosts: readonly HostCounts[], { vantage, namespace, services }: Counted): Map<string, number> {
  return new Map(
    services.map((service) => {
      const meant = hosts.filter(({ cluster: name }) =>
        vantage === "ext-proc"
          ? name.startsWith("inbound|")
          : name.startsWith("outbound|") && name.split("|")[3]?.startsWith(`${service}.${namespace}.`) === true,
      );
      return [service, sumOf(meant, "rq_total")];
    }),
  );
}

/** The sum of the stats with this prefix and end; undefined when there is none: it is not kept. */
async function statOf(cluster: Cluster, pod: PodState, prefix: string, end: string): Promise<number | undefined> {
  const stats = await sidecarStats(cluster, pod.namespace, pod.name, prefix);
  const found = [...stats].filter(([name]) => name.endsWith(`.${end}`));
  return found.length === 0 ? undefined : found.reduce((sum, [, value]) => sum + value, 0);
}

function sumOf(hosts: readonly HostCounts[], count: string): number {
  return hosts.reduce((sum, { counts }) => sum + (counts.get(count) ?? 0), 0);
}

function together(answers: readonly PodCounts[], vantage: MirrorVantage): CopyCounts {
  const read = answers.filter((answer) => answer.kind === "counts");
  const knowing = read.filter(({ hosts }) => hosts.length > 0);
  const hosts = knowing.flatMap((answer) => answer.hosts);
  const overflowed = sumOfKnown(knowing.map((answer) => answer.overflowed));
  const untold = sumOfKnown(knowing.map((answer) => answer.untold));
  const calls = new Map<string, number>();
  for (const answer of read) {
    for (const [service, count] of answer.calls) calls.set(service, (calls.get(service) ?? 0) + count);
  }
  return {
    sent: sumOf(hosts, "rq_total"),
    ...(vantage === "mirror" ? { answered: sumOf(hosts, "rq_success") } : {}),
    ...{ failed: sumOf(hosts, "rq_error"), timedOut: sumOf(hosts, "rq_timeout") },
    unconnected: sumOf(hosts, "cx_connect_fail"),
    ...(overflowed === undefined ? {} : { overflowed }),
    ...(vantage === "ext-proc" && untold !== undefined ? { untold } : {}),
    pods: knowing.map(({ pod }) => pod),
    strangers: read.filter((answer) => answer.hosts.length === 0).map(({ pod }) => pod),
    unread: answers.flatMap((answer) => (answer.kind === "unread" ? [{ pod: answer.pod, why: answer.why }] : [])),
    calls,
  };
}

/** One that is not known makes the sum unknown. */
function sumOfKnown(values: readonly (number | undefined)[]): number | undefined {
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => (sum === undefined || value === undefined ? undefined : sum + value), 0);
}
