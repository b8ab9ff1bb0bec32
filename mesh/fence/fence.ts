import type { ClusterObject } from "../cluster/object.js";
import { type Finding, placeOf } from "../doctor/finding.js";
import { serviceCalled, serviceNamed } from "../doctor/host.js";
import { hasSidecar, livePods, type Workload } from "../workloads/pod.js";
import { type PolicyView, policyView } from "./network-policy.js";
import { type ProxyScope, scopeOf } from "./sidecar.js";
import type { FenceSurroundings } from "./surroundings.js";

/**
 * What lets calls out of a namespace. Pure. A namespace counts as fenced when each of its pods is, and pods to come:
 *
 * 1. by its sidecar: hosts that are unknown are refused (`REGISTRY_ONLY`), and those it knows lie in namespaces that may be
 *    called (this one, Istio's, others open for replays), none of them a ServiceEntry or ExternalName to outside; or
 * 2. by NetworkPolicies that are about its calls and open none but those namespaces and DNS. Whether the cluster's network
 *    obeys them cannot be seen from here, so a fence of theirs alone is not known to be one.
 *
 * A pod without a sidecar, or one whose calls go around it by annotation, is not fenced by the first.
 */
export function fenceFindings(seen: FenceSurroundings, recordedAuthorities: readonly string[] = []): Finding[] {
  const pods = livePods(seen.pods);
  const scopes = new Map<ProxyScope["by"], Finding[]>();
  const found: Finding[] = [];
  const byPolicyAlone: Workload[] = [];
  for (const pod of [undefined, ...pods]) {
    const scope = scopeOf(pod, seen.namespace, seen.sidecars, seen.rootSidecars, seen.meshMode);
    const ofScope = scopes.get(scope.by) ?? scopeFindings(scope, seen);
    scopes.set(scope.by, ofScope);
    const around = pod === undefined ? undefined : wayAround(pod);
    if (ofScope.length === 0 && around === undefined) continue;
    const policy = policyView(pod ?? { labels: {} }, seen.networkPolicies, (name) => seen.harmless.has(name));
    if (policy.isIsolated && policy.gaps.length === 0) {
      if (pod !== undefined) byPolicyAlone.push(pod);
      continue;
    }
    found.push(...(around === undefined ? ofScope : [unfencedPod(pod!, around)]), ...gapFindings(policy));
  }
  if (byPolicyAlone.length > 0) found.push(policyAlone(byPolicyAlone, seen.namespace));
  const once = withoutRepeats(found);
  return [...once, ...upstreamFindings(recordedAuthorities, seen, once.length === 0)];
}

function scopeFindings(scope: ProxyScope, seen: FenceSurroundings): Finding[] {
  return [...modeFindings(scope, seen.namespace), ...namespaceFindings(scope, seen), ...outsideFindings(scope, seen)];
}

function modeFindings({ by, mode }: ProxyScope, namespace: string): Finding[] {
  if (mode === "REGISTRY_ONLY" || mode === undefined) return [];
  const place = by === undefined ? { kind: "Namespace", name: namespace } : placeOf(by, "spec.outboundTrafficPolicy");
  return [
    {
      ...{ id: "TL0601", severity: "error", place },
      seen: `calls to hosts that the mesh does not know are let out (outboundTrafficPolicy ${mode})`,
      fix: `give namespace ${namespace} a Sidecar with outboundTrafficPolicy: { mode: REGISTRY_ONLY }`,
    },
  ];
}

function namespaceFindings({ by, egressHosts }: ProxyScope, { namespace, harmless }: FenceSurroundings): Finding[] {
  const open = egressHosts.filter((host) => !isHarmless(host, harmless));
  if (open.length === 0) return [];
  const place = by === undefined ? { kind: "Namespace", name: namespace } : placeOf(by, "spec.egress");
  const said =
    by === undefined ? "no Sidecar says which namespaces may be called, so all may" : `it opens ${open.join(", ")}`;
  return [
    {
      ...{ id: "TL0602", severity: "error", place, seen: said },
      fix: `let the Sidecar of namespace ${namespace} name only hosts of namespaces that may be called: egress: [{ hosts: ["./*", "istio-system/*"] }]; a namespace labelled tapeloop.io/allow-replay=true is one, too`,
    },
  ];
}

/** A host of a harmless namespace, or none at all; one outside the cluster is looked at among the ServiceEntries. */
function isHarmless(egressHost: string, harmless: ReadonlySet<string>): boolean {
  const [within = "", host = ""] = egressHost.split("/");
  if (within === "~" || harmless.has(within)) return true;
  const service = within === "*" ? serviceNamed(host, "") : undefined;
  return service !== undefined && harmless.has(service.namespace);
}

function outsideFindings({ egressHosts }: ProxyScope, seen: FenceSurroundings): Finding[] {
  const isKnown = (namespace: string, host: string) => egressHosts.some((one) => covers(one, namespace, host));
  const entries = seen.serviceEntries.filter((entry) => {
    const { hosts = [], location, workloadSelector } = entry.spec as ServiceEntrySpec;
    const isInside = location === "MESH_INTERNAL" && workloadSelector !== undefined;
    return !isInside && hosts.some((host) => isKnown(entry.metadata.namespace ?? seen.namespace, host));
  });
  const names = seen.services.filter((service) => {
    const { type, externalName = "" } = service.spec as ServiceSpec;
    if (type !== "ExternalName") return false;
    const called = serviceCalled(externalName, seen.namespace, (name) => seen.harmless.has(name));
    return called === undefined || !seen.harmless.has(called.namespace);
  });
  return [
    ...entries.map((entry) => outside(entry, (entry.spec as ServiceEntrySpec).hosts ?? [], "spec.hosts")),
    ...names.map((service) =>
      outside(service, [(service.spec as ServiceSpec).externalName ?? ""], "spec.externalName"),
    ),
  ];
}

interface ServiceEntrySpec {
  hosts?: string[];
  location?: string;
  workloadSelector?: object;
}
interface ServiceSpec {
  type?: string;
  externalName?: string;
}

/** Whether a Sidecar's `NAMESPACE/HOST` lets its proxies know a host of a namespace. */
function covers(egressHost: string, namespace: string, host: string): boolean {
  const [within = "", pattern = ""] = egressHost.split("/");
  if (within !== "*" && within !== namespace) return false;
  return pattern === "*" || pattern === host || (pattern.startsWith("*.") && host.endsWith(pattern.slice(1)));
}

function outside(object: ClusterObject, hosts: readonly string[], path: string): Finding {
  return {
    ...{ id: "TL0603", severity: "error", place: placeOf(object, path) },
    seen: `it opens ${hosts.join(", ")}, outside of the cluster, to the calls of the namespace`,
    fix: "take it away for the time of the replay, or let it point to a stub",
  };
}

/** How a pod's calls go past a sidecar; undefined when they do not. */
function wayAround(pod: Workload): string | undefined {
  if (!hasSidecar(pod))
    return pod.spec.hostNetwork ? "it uses the node's network, without a sidecar" : "it has no sidecar";
  const annotation = Object.entries(waysAround).find(([name, harmless]) => {
    const value = pod.annotations[name];
    return value !== undefined && value !== harmless;
  })?.[0];
  return annotation === undefined ? undefined : `its annotation ${annotation} leads calls past its sidecar`;
}

/** Annotations by which calls go past a sidecar, and the value that leaves them in it. */
const waysAround: Readonly<Record<string, string>> = {
  "traffic.sidecar.istio.io/excludeOutboundIPRanges": "",
  "traffic.sidecar.istio.io/excludeOutboundPorts": "",
  "traffic.sidecar.istio.io/includeOutboundIPRanges": "*",
};

function unfencedPod({ object }: Workload, why: string): Finding {
  return {
    ...{ id: "TL0604", severity: "error", place: placeOf(object) },
    seen: `${why}, and no NetworkPolicy bounds its calls`,
    fix: "give it a sidecar that takes all of its calls, or a NetworkPolicy for its egress",
  };
}

function gapFindings({ gaps }: PolicyView): Finding[] {
  return gaps.map(({ policy, path, opens }) => ({
    ...{ id: "TL0605", severity: "error", place: placeOf(policy, path) },
    seen: `it lets calls out to ${opens}`,
    fix: "let it name pods of this namespace, namespaces that may be called, and port 53 alone",
  }));
}

function policyAlone(pods: readonly Workload[], namespace: string): Finding {
  const names = pods.map(({ object }) => object.metadata.name).join(", ");
  return {
    ...{ id: "TL0606", severity: "unknown", place: { kind: "Namespace", name: namespace } },
    seen: `the calls of ${names} are bounded by NetworkPolicies alone, and whether the cluster's network obeys them cannot be seen`,
    fix: "add a Sidecar with REGISTRY_ONLY, or make sure that the network obeys and take --unfenced",
  };
}

function upstreamFindings(
  authorities: readonly string[],
  { namespace, services }: FenceSurroundings,
  isClosed: boolean,
): Finding[] {
  const here = new Set(services.map(({ metadata }) => metadata.name));
  const isHere = (authority: string) => {
    const called = serviceCalled(authority, namespace, (name) => name === namespace);
    return called !== undefined && called.namespace === namespace && here.has(called.name);
  };
  return [...new Set(authorities)]
    .filter((authority) => !isHere(authority))
    .map((authority) => ({
      ...{ id: "TL0607", severity: isClosed ? "note" : "error", place: { kind: "Namespace", name: namespace } },
      seen: isClosed
        ? `services on the tape called ${authority}, which is no Service of this namespace: the fence refuses such calls`
        : `services on the tape called ${authority}, which is no Service of this namespace: a replay may reach the real one`,
      fix: `answer for it here: a Service of its name, or a stub (tapeloop stub)`,
    }));
}

function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const byText = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...byText.values()];
}
