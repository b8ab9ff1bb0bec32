import { parse } from "yaml";
import { reasonOf } from "../../base/index.js";
import { type Cluster, ClusterRefusal } from "../cluster/cluster.js";
import { istioNetworking } from "../cluster/kinds.js";
import type { ClusterObject } from "../cluster/object.js";
import { permits } from "../permits.js";
import { scopeOf } from "./sidecar.js";

/** All that says whom the pods of a namespace can call. */
export interface FenceSurroundings {
  namespace: string;
  pods: readonly ClusterObject[];
  services: readonly ClusterObject[];
  sidecars: readonly ClusterObject[];
  /** Of Istio's root namespace: in force where a namespace has none of its own. */
  rootSidecars: readonly ClusterObject[];
  /** Of the namespace, and of those that its proxies know. */
  serviceEntries: readonly ClusterObject[];
  networkPolicies: readonly ClusterObject[];
  /** The mesh's `outboundTrafficPolicy.mode`. */
  meshMode: string | undefined;
  /** Calls into these are harmless: the namespace itself, Istio's, and those that are open for replays, too. */
  harmless: ReadonlySet<string>;
  /** What could not be read, in words with the reason. */
  unread: readonly string[];
}

/** Where Istio itself runs, unless said otherwise. */
export const istioNamespace = "istio-system";
/** Where a pod asks for names. */
const dnsNamespace = "kube-system";

/** Reads all of it. What the cluster refuses is left empty and named in `unread`; only a cluster that cannot be reached throws. */
export async function readSurroundings(cluster: Cluster, namespace: string): Promise<FenceSurroundings> {
  const unread: string[] = [];
  const ask = async <T>(what: string, otherwise: T, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (refusal) {
      if (!(refusal instanceof ClusterRefusal)) throw refusal;
      unread.push(`${what} could not be read: ${reasonOf(refusal)}`);
      return otherwise;
    }
  };
  const list = (apiVersion: string, kind: string, within = namespace) =>
    ask(`the ${kind} objects of namespace ${within}`, [] as ClusterObject[], () =>
      cluster.list({ apiVersion, kind, namespace: within }),
    );
  const [pods, services, sidecars, own, networkPolicies] = await Promise.all([
    list("v1", "Pod"),
    list("v1", "Service"),
    list(istioNetworking, "Sidecar"),
    list(istioNetworking, "ServiceEntry"),
    list("networking.k8s.io/v1", "NetworkPolicy"),
  ]);
  const hasDefault = scopeOf(undefined, namespace, sidecars, [], undefined);
  const isSaid = hasDefault.by !== undefined && hasDefault.mode !== undefined;
  const rootSidecars = hasDefault.by === undefined ? await list(istioNetworking, "Sidecar", istioNamespace) : [];
  const meshMode = isSaid
    ? undefined
    : await ask("the mesh's outboundTrafficPolicy", undefined, () => readMeshMode(cluster));
  const named = namespacesNamed([...sidecars, ...rootSidecars], networkPolicies);
  const harmless = new Set([namespace, istioNamespace, dnsNamespace]);
  const others: ClusterObject[] = [];
  for (const name of named) {
    if (!harmless.has(name) && (await ask(`namespace ${name}`, false, () => isOpenForReplays(cluster, name)))) {
      harmless.add(name);
    }
    if (name !== namespace && harmless.has(name)) others.push(...(await list(istioNetworking, "ServiceEntry", name)));
  }
  const serviceEntries = [...own, ...others];
  return {
    ...{ namespace, pods, services, sidecars, rootSidecars, serviceEntries, networkPolicies },
    ...{ meshMode, harmless, unread },
  };
}

/** Istio's own default lets calls to unknown hosts out. */
async function readMeshMode(cluster: Cluster): Promise<string | undefined> {
  const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: istioNamespace, name: "istio" };
  const found = await cluster.read(ref);
  if (found === undefined) throw new ClusterRefusal(404, `there is no ConfigMap istio in namespace ${istioNamespace}`);
  return meshModeOf((found.data as { mesh?: string } | undefined)?.mesh ?? "");
}

/** From the text of Istio's mesh configuration. */
export function meshModeOf(mesh: string): string {
  const written = parse(mesh) as { outboundTrafficPolicy?: { mode?: string } } | null;
  return written?.outboundTrafficPolicy?.mode ?? "ALLOW_ANY";
}

async function isOpenForReplays(cluster: Cluster, name: string): Promise<boolean> {
  const found = await cluster.read({ apiVersion: "v1", kind: "Namespace", name });
  return found?.metadata.labels?.[permits.replay] === "true";
}

/** Namespaces that Sidecars and policies speak of by name: of no other one it has to be known what it is. */
function namespacesNamed(sidecars: readonly ClusterObject[], policies: readonly ClusterObject[]): string[] {
  const text = JSON.stringify([sidecars, policies].map((objects) => objects.map(({ spec }) => spec)));
  const fromSidecars = [...text.matchAll(/"([a-z0-9-]+)\/[^"/]+"/g)].map(([, name]) => name!);
  const fromPolicies = [...text.matchAll(/"kubernetes\.io\/metadata\.name":"([^"]+)"/g)].map(([, name]) => name!);
  return [...new Set([...fromSidecars, ...fromPolicies])];
}
