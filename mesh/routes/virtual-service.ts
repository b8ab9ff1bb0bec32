import { OperatorError } from "../../base/index.js";
import { hostMatches } from "../../virtual-service/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { istioNetworking } from "../cluster/kinds.js";
import type { ClusterObject } from "../cluster/object.js";

/** Where requests go, as Istio writes it. */
export interface RouteDestination {
  host: string;
  port?: { number: number };
  subset?: string;
}

/** A route of a VirtualService, as far as it is read here; other fields pass through. */
export interface HttpRoute {
  name?: string;
  match?: HttpMatch[];
  route?: { destination: RouteDestination; weight?: number }[];
  mirror?: RouteDestination;
  mirrorPercentage?: { value?: number };
  mirror_percent?: number;
  mirrorPercent?: number;
  mirrors?: { destination: RouteDestination; percentage?: { value?: number } }[];
  [field: string]: unknown;
}

/** One way in which a request may match a route. */
export interface HttpMatch {
  headers?: Record<string, unknown>;
  sourceLabels?: Record<string, string>;
  [field: string]: unknown;
}

/** What is read of a VirtualService's spec. */
export interface VirtualServiceSpec {
  hosts?: string[];
  gateways?: string[];
  http?: HttpRoute[];
  [field: string]: unknown;
}

/** What the names of routes that we put before others begin with. */
export const ownRoutePrefixes = { fault: "tapeloop-fault-", mirror: "tapeloop-mirror-" } as const;

export function isOurs({ name }: HttpRoute): boolean {
  return Object.values(ownRoutePrefixes).some((prefix) => name?.startsWith(prefix) === true);
}

/** Whether it passes requests on; one that answers itself (a redirect) does not. */
export function hasDestination({ route }: HttpRoute): boolean {
  return route !== undefined && route.length > 0;
}

export function specOf(object: ClusterObject): VirtualServiceSpec {
  return object.spec as VirtualServiceSpec;
}

/** The VirtualServices of a namespace that route calls to a service from inside the mesh. */
export async function virtualServicesFor(
  cluster: Cluster,
  namespace: string,
  service: string,
): Promise<ClusterObject[]> {
  const all = await inOneLine(`list the VirtualServices of namespace ${namespace}`, () =>
    cluster.list({ apiVersion: istioNetworking, kind: "VirtualService", namespace }),
  );
  return all.filter((object) => {
    const { hosts = [], gateways = ["mesh"] } = specOf(object);
    return gateways.includes("mesh") && hosts.some((host) => hostMatches(host, `${service}.${namespace}`));
  });
}

/** The only one of them; undefined when there is none. Throws an OperatorError for several: which is obeyed is not defined. */
export function onlyOne(found: readonly ClusterObject[], service: string): ClusterObject | undefined {
  if (found.length <= 1) return found[0];
  const names = found.map(({ metadata }) => metadata.name).join(" and ");
  throw new OperatorError(
    `VirtualServices ${names} are both for host ${service}: Istio merges them in an order it does not promise; make them one first`,
  );
}
