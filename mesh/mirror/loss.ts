import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { type PodState, podsOf } from "../pods/pods-of.js";
import { type CopyCounts, countCopies, type MirrorVantage } from "./copy-counts.js";
import type { MirrorState } from "./status.js";

/** What Envoys count of what goes from the sidecars of one namespace to one recorder, of all mirrors to it together. */
export interface MirrorLoss {
  namespace: string;
  /** `HOST:PORT`. */
  to: string;
  vantage: MirrorVantage;
  counts: Omit<CopyCounts, "calls"> | { notKnown: string };
}

/**
 * Asks the sidecars: for copies all of the namespace, since callers make them (those of other namespaces, and gateways, are not
 * counted); for ext-proc those before the services. What cannot be asked is `notKnown`, with the reason.
 */
export async function mirrorLoss(cluster: Cluster, states: readonly MirrorState[]): Promise<MirrorLoss[]> {
  const losses: MirrorLoss[] = [];
  for (const { namespace, to, vantage } of distinct(states)) {
    const same = states.filter((one) => one.namespace === namespace && one.to === to && one.vantage === vantage);
    losses.push({ namespace, to, vantage, counts: await countsOf(cluster, { namespace, to, vantage }, same) });
  }
  return losses;
}

type Flow = Pick<MirrorState, "namespace" | "to" | "vantage">;

function distinct(states: readonly MirrorState[]): Flow[] {
  return [
    ...new Map(states.map((state) => [[state.namespace, state.to, state.vantage].join(" "), state] as const)).values(),
  ];
}

async function countsOf(cluster: Cluster, flow: Flow, states: readonly MirrorState[]): Promise<MirrorLoss["counts"]> {
  try {
    const pods = await podsOfFlow(cluster, flow, states);
    const { calls: _calls, ...counts } = await countCopies(cluster, pods, {
      ...{ to: destinationOf(flow.to), vantage: flow.vantage, namespace: flow.namespace },
      services: [],
    });
    return counts.pods.length > 0 ? counts : { notKnown: whyNobodyCounts(counts) };
  } catch (trouble) {
    if (!(trouble instanceof OperatorError)) throw trouble;
    return { notKnown: trouble.message };
  }
}

/** Of what nobody counts there is no number: nought would be one. */
function whyNobodyCounts({ strangers, unread }: Pick<CopyCounts, "strangers" | "unread">): string {
  if (unread[0] !== undefined) return unread[0].why;
  if (strangers.length === 0) return "no pod there that could send has a sidecar";
  return `none of ${strangers.length} sidecars there knows an instance of it`;
}

async function podsOfFlow(
  cluster: Cluster,
  { namespace, vantage }: Flow,
  states: readonly MirrorState[],
): Promise<PodState[]> {
  if (vantage === "mirror") return podsOf(cluster, namespace, {});
  const services = states.flatMap(({ hosts }) => hosts);
  const pods = await Promise.all(services.map((service) => podsOf(cluster, namespace, { service })));
  return [...new Map(pods.flat().map((pod) => [pod.name, pod])).values()];
}

function destinationOf(place: string): { host: string; port?: { number: number } } {
  const [, host, port] = /^(.*?)(?::(\d+))?$/.exec(place)!;
  return port === undefined ? { host: host! } : { host: host!, port: { number: Number(port) } };
}
