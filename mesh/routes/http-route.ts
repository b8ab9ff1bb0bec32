import { type Cluster, ClusterRefusal } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { gatewayApi } from "../cluster/kinds.js";
import type { ClusterObject } from "../cluster/object.js";

/** What a route, or a filter of it, refers to; the API server fills in group and kind where they are left out. */
export interface BackendRef {
  group?: string;
  kind?: string;
  name: string;
  namespace?: string;
  port?: number;
  [field: string]: unknown;
}

/** One of several ways in which a request may meet a rule: all that it says has to be so. */
export interface RouteMatch {
  path?: { type?: string; value?: string };
  headers?: { type?: string; name: string; value: string }[];
  [field: string]: unknown;
}

export interface RouteFilter {
  type: string;
  requestMirror?: { backendRef: BackendRef; percent?: number; fraction?: { numerator: number; denominator?: number } };
  [field: string]: unknown;
}

/** A rule of an HTTPRoute, as far as it is read here; other fields pass through. */
export interface RouteRule {
  matches?: RouteMatch[];
  filters?: RouteFilter[];
  backendRefs?: BackendRef[];
  [field: string]: unknown;
}

export interface HttpRouteSpec {
  parentRefs?: BackendRef[];
  hostnames?: string[];
  rules?: RouteRule[];
  [field: string]: unknown;
}

export function httpRouteSpec(object: ClusterObject): HttpRouteSpec {
  return object.spec as HttpRouteSpec;
}

/**
 * The HTTPRoutes of a namespace that route calls to a service: those attached to the Service itself (mesh), and those that
 * a Gateway's calls come by. None where the cluster does not know the Gateway API.
 */
export async function httpRoutesFor(cluster: Cluster, namespace: string, service: string): Promise<ClusterObject[]> {
  const all = await allHttpRoutes(cluster, namespace);
  return all.filter((object) => {
    const { parentRefs = [], rules = [] } = httpRouteSpec(object);
    return (
      parentRefs.some((parent) => isService(parent, "Gateway", namespace, service)) ||
      rules.some((rule) => leadsTo(rule, namespace, service))
    );
  });
}

export async function allHttpRoutes(cluster: Cluster, namespace?: string): Promise<ClusterObject[]> {
  return inOneLine("list HTTPRoutes", () => servedHttpRoutes(cluster, namespace));
}

/** The same, refused in the API server's own words. */
export async function servedHttpRoutes(cluster: Cluster, namespace?: string): Promise<ClusterObject[]> {
  const which = { apiVersion: gatewayApi, kind: "HTTPRoute", ...(namespace === undefined ? {} : { namespace }) };
  return cluster.list(which).catch((refusal: unknown) => {
    if (refusal instanceof ClusterRefusal && refusal.status === 404) return [];
    throw refusal;
  });
}

/** Whether it is attached to the Service, so that every rule of it is for calls to it. */
export function isAttachedTo(object: ClusterObject, service: string): boolean {
  const { namespace = "default" } = object.metadata;
  return (httpRouteSpec(object).parentRefs ?? []).some((parent) => isService(parent, "Gateway", namespace, service));
}

/** Whether a rule passes calls on to the service. */
export function leadsTo({ backendRefs = [] }: RouteRule, namespace: string, service: string): boolean {
  return backendRefs.some((backend) => isService(backend, "Service", namespace, service));
}

/** @param usual the kind that is meant where none is written */
function isService(ref: BackendRef, usual: string, here: string, service: string): boolean {
  const { kind = usual, name, namespace = here } = ref;
  return kind === "Service" && name === service && namespace === here;
}
