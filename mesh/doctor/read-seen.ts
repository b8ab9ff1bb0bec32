import { OperatorError } from "../../base/index.js";
import { type Cluster, ClusterRefusal } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { istioNetworking } from "../cluster/kinds.js";
import type { ClusterObject, ObjectRef } from "../cluster/object.js";
import { journalLabel } from "../journal/entry.js";
import { servedHttpRoutes } from "../routes/http-route.js";
import { extProcFilters } from "./ext-proc.js";
import { type ServiceName, serviceNamed } from "./host.js";
import { httpRouteMirrors } from "./http-routes.js";
import { destinationsOf, mirrorsOf, routesOf } from "./routes.js";
import type { Seen } from "./seen.js";

/** What is listed in the namespace, routes aside. */
const kinds: readonly { apiVersion: string; kind: string; labels?: string }[] = [
  { apiVersion: "v1", kind: "Service" },
  { apiVersion: "v1", kind: "Pod" },
  { apiVersion: "v1", kind: "ConfigMap", labels: `${journalLabel}=true` },
  { apiVersion: istioNetworking, kind: "DestinationRule" },
  { apiVersion: istioNetworking, kind: "ServiceEntry" },
  { apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter" },
];

/**
 * Reads what there is to look at in a namespace, and the Services elsewhere that something in it points to. What the cluster
 * forbids is noted and left out; a cluster that cannot be reached, does not know us, or has no Istio, throws an OperatorError.
 *
 * @param files objects that are looked at as if they were in the cluster already, in place of those of the same name
 */
export async function readSeen(
  cluster: Cluster,
  namespace: string,
  files: readonly ClusterObject[] = [],
): Promise<Seen> {
  const unread: Seen["unread"][number][] = [];
  const allowed = async <T>(kind: string, within: string, otherwise: T, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (refusal) {
      if (!(refusal instanceof ClusterRefusal) || refusal.status !== 403) throw refusal;
      unread.push({ kind, namespace: within, why: refusal.words });
      return otherwise;
    }
  };
  const list = (which: (typeof kinds)[number]) =>
    allowed(which.kind, namespace, [] as ClusterObject[], () => cluster.list({ ...which, namespace }));
  const own = await inOneLine(`look at namespace ${namespace}`, async () => {
    // First and alone: without Istio there is nothing to look at.
    const virtualServices = await list({ apiVersion: istioNetworking, kind: "VirtualService" });
    const ref: ObjectRef = { apiVersion: "v1", kind: "Namespace", name: namespace };
    const home = await allowed("Namespace", namespace, undefined, () => cluster.read(ref));
    if (home === undefined && unread.every(({ kind }) => kind !== "Namespace")) {
      throw new OperatorError(`there is no namespace ${namespace} in the cluster at ${cluster.server}`);
    }
    const others = await Promise.all(kinds.map(list));
    const routes = await allowed("HTTPRoute", namespace, [], () => servedHttpRoutes(cluster, namespace));
    return [...(home === undefined ? [] : [home]), ...virtualServices, ...others.flat(), ...routes];
  });
  const seen: Seen = { namespace, objects: overlaid(own, files, namespace), unread, filesAlone: false };
  const elsewhere = await inOneLine("look at the Services that are pointed to", () =>
    Promise.all(namedElsewhere(seen).map((name) => readElsewhere(cluster, name, allowed))),
  );
  return { ...seen, objects: [...seen.objects, ...elsewhere.flat()] };
}

function overlaid(
  own: readonly ClusterObject[],
  files: readonly ClusterObject[],
  namespace: string,
): readonly ClusterObject[] {
  const keyOf = ({ kind, metadata }: ClusterObject) => `${kind}/${metadata.namespace ?? namespace}/${metadata.name}`;
  const given = new Set(files.map(keyOf));
  return [...own.filter((object) => !given.has(keyOf(object))), ...files];
}

/** Services of other namespaces that routes, mirrors and filters name, each once. */
function namedElsewhere(seen: Seen): ServiceName[] {
  const destinations = routesOf(seen).flatMap((placed) => [...destinationsOf(placed), ...mirrorsOf(placed)]);
  const hosts = [
    ...[...destinations, ...httpRouteMirrors(seen).map(({ mirror }) => mirror)].map(
      ({ destination }) => destination.host,
    ),
    ...extProcFilters(seen).flatMap(({ told }) => told?.host ?? []),
  ];
  const names = hosts.flatMap((host) => serviceNamed(host, seen.namespace) ?? []);
  const there = new Set(seen.objects.filter(({ kind }) => kind === "Service").map(keyOfService));
  const wanted = names.filter(
    (name) => name.namespace !== seen.namespace && !there.has(`${name.namespace}/${name.name}`),
  );
  return [...new Map(wanted.map((name) => [`${name.namespace}/${name.name}`, name])).values()];
}

function keyOfService({ metadata }: ClusterObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

async function readElsewhere(
  cluster: Cluster,
  { name, namespace }: ServiceName,
  allowed: <T>(kind: string, within: string, otherwise: T, act: () => Promise<T>) => Promise<T>,
): Promise<ClusterObject[]> {
  const ref = { apiVersion: "v1", kind: "Service", namespace, name };
  const service = await allowed("Service", namespace, undefined, () => cluster.read(ref));
  const { selector = {} } = (service?.spec ?? {}) as { selector?: Record<string, string> };
  const labels = Object.entries(selector)
    .map((pair) => pair.join("="))
    .join(",");
  if (service === undefined || labels === "") return service === undefined ? [] : [service];
  const which = { apiVersion: "v1", kind: "Pod", namespace, labels };
  const pods = await allowed("Pod", namespace, [] as ClusterObject[], () => cluster.list(which));
  return [service, ...pods];
}
