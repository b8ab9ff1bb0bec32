import type { ClusterObject } from "../cluster/object.js";
import { type LabelSelector, selects, type Workload } from "../workloads/pod.js";

/** Whom a rule lets pods call. */
interface Peer {
  podSelector?: LabelSelector;
  namespaceSelector?: LabelSelector;
  ipBlock?: { cidr: string };
}
interface EgressRule {
  to?: Peer[];
  ports?: { port?: number | string; protocol?: string; endPort?: number }[];
}
interface PolicySpec {
  podSelector?: LabelSelector;
  policyTypes?: string[];
  egress?: EgressRule[];
}

/** A way out that a policy leaves open. */
export interface PolicyGap {
  policy: ClusterObject;
  /** `spec.egress[1]`. */
  path: string;
  /** What it opens, in words. */
  opens: string;
}

/** What NetworkPolicies say of a workload's calls. */
export interface PolicyView {
  /** At least one is about its calls: all else is refused. */
  isIsolated: boolean;
  gaps: PolicyGap[];
}

/** Every namespace carries its own name in this label. */
const nameLabel = "kubernetes.io/metadata.name";
/** Names are asked for there, and nothing of ours is changed by it. */
const dnsPort = 53;

/**
 * What the policies of a namespace let a workload call. As Kubernetes has it, rules add up: one that opens is enough.
 *
 * @param mayCall whether calls into a namespace of this name are harmless
 */
export function policyView(
  workload: Pick<Workload, "labels">,
  policies: readonly ClusterObject[],
  mayCall: (namespace: string) => boolean,
): PolicyView {
  const about = policies.filter((policy) => isAboutCallsOf(workload, policy.spec as PolicySpec));
  const gaps = about.flatMap((policy) =>
    ((policy.spec as PolicySpec).egress ?? []).flatMap((rule, at) => {
      const opens = openedBy(rule, mayCall);
      return opens.length === 0 ? [] : [{ policy, path: `spec.egress[${at}]`, opens: opens.join(" and ") }];
    }),
  );
  return { isIsolated: about.length > 0, gaps };
}

/** A policy without types is about calls when it has rules for them. */
function isAboutCallsOf({ labels }: Pick<Workload, "labels">, spec: PolicySpec): boolean {
  const types = spec.policyTypes ?? (spec.egress === undefined ? [] : ["Egress"]);
  return types.includes("Egress") && selects(spec.podSelector ?? {}, labels);
}

function openedBy({ to, ports }: EgressRule, mayCall: (namespace: string) => boolean): string[] {
  if (ports !== undefined && ports.length > 0 && ports.every(({ port }) => port === dnsPort)) return [];
  if (to === undefined || to.length === 0) return ["every address"];
  return to.flatMap((peer) => openedByPeer(peer, mayCall));
}

function openedByPeer({ ipBlock, namespaceSelector }: Peer, mayCall: (namespace: string) => boolean): string[] {
  if (ipBlock !== undefined) return [ipBlock.cidr];
  if (namespaceSelector === undefined) return [];
  const names = namesAskedFor(namespaceSelector);
  if (names === undefined) return [isOpenOnly(namespaceSelector) ? [] : ["namespaces chosen by their labels"]].flat();
  return names.filter((name) => !mayCall(name)).map((name) => `namespace ${name}`);
}

/** The namespaces of a selector by name; undefined when it goes by other labels. */
function namesAskedFor({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string[] | undefined {
  if (matchLabels[nameLabel] !== undefined) return [matchLabels[nameLabel]];
  const byName = matchExpressions.find(({ key, operator }) => key === nameLabel && operator === "In");
  return byName?.values;
}

/** Namespaces that are open for replays themselves. */
function isOpenOnly({ matchLabels = {} }: LabelSelector): boolean {
  return matchLabels["tapeloop.io/allow-replay"] === "true";
}
