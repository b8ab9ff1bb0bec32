import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { type ClusterObject, inWords, refOf } from "../cluster/object.js";
import type { PlannedChange } from "../journal/change.js";
import { contentOf } from "../journal/content.js";
import { isSame } from "../journal/json.js";
import type { RouteDestination } from "../routes/virtual-service.js";
import { requireGrpcPort, selectorOf } from "./service-behind.js";

/** Where proxies reach a recorder, and whose proxies are meant. */
export interface FilterTarget {
  host: string;
  port: number;
  namespace: string;
  /** Of the pods. */
  labels: Readonly<Record<string, string>>;
  /** What the recorder is to call these proxies: the service behind them. */
  hop: string;
}

/**
 * The resources of Istio that make proxies tell a recorder of both halves of each call: an EnvoyFilter, and a DestinationRule with the
 * bounds that lose nothing. What has to be in them only the recorder knows, so whoever asks for them hands this over.
 */
export type FilterResources = (target: FilterTarget) => readonly object[];

/** A service whose calls are to be told of by the proxies before it. */
export interface ExtProcWish {
  service: string;
  namespace: string;
  to: RouteDestination;
  resources: FilterResources;
}

/** Istio serves EnvoyFilters under this version alone. */
export const filterApi = "networking.istio.io/v1alpha3";

/** Where a filter of ours has proxies tell: by Istio's name for the recorder's cluster; undefined for another filter. */
export function toldByFilter(filter: ClusterObject): RouteDestination | undefined {
  const [, port, host] = /"cluster_name":"outbound\|(\d+)\|\|([^"|]+)"/.exec(JSON.stringify(filter.spec)) ?? [];
  return host === undefined ? undefined : { host, port: { number: Number(port) } };
}

/** Names of what is made for it begin with this. */
export const ownFilterPrefix = "tapeloop-ext-proc-";

/**
 * What has to be made so that the proxies before a service tell of its calls. Empty when they do already. Each service has
 * resources of its own, so that one is put back without the others. Throws an OperatorError where a recorder cannot be told so, or
 * something else has their names.
 */
export async function planExtProc(cluster: Cluster, wish: ExtProcWish): Promise<PlannedChange[]> {
  const { service, namespace, to, resources } = wish;
  const labels = await selectorOf(cluster, namespace, service);
  const port = await requireGrpcPort(cluster, to);
  const wanted = resources({ host: to.host, port, namespace, labels, hop: service }).map((resource) =>
    owned(resource, wish, labels),
  );
  const found = await Promise.all(
    wanted.map((object) => inOneLine(`read ${inWords(refOf(object))}`, () => cluster.read(refOf(object)))),
  );
  if (found.every((now, at) => now !== undefined && isSame(contentOf(now), contentOf(wanted[at]!)))) return [];
  const inTheWay = found.find((now) => now !== undefined);
  if (inTheWay === undefined) return wanted.map((after) => ({ after }));
  throw new OperatorError(
    `${inWords(refOf(inTheWay))} is there already, and not as it would be made: put it back first, with: tapeloop mirror off ${service} -n ${namespace}`,
  );
}

/** Of this service alone: a DestinationRule without a selector would be for all workloads of the namespace. */
function owned(
  resource: object,
  { service, namespace }: ExtProcWish,
  matchLabels: FilterTarget["labels"],
): ClusterObject {
  const object = resource as ClusterObject;
  const spec = object.spec as Record<string, unknown>;
  return {
    ...object,
    metadata: {
      name: `${ownFilterPrefix}${service}`,
      namespace,
      labels: { "app.kubernetes.io/managed-by": "tapeloop" },
    },
    spec: object.kind === "DestinationRule" ? { ...spec, workloadSelector: { matchLabels } } : spec,
  };
}
