import { OperatorError } from "../../base/index.js";
import type { ClusterObject } from "../cluster/object.js";
import { type HttpMatch, type HttpRoute, isOurs, specOf } from "./virtual-service.js";

/** What a request's authority has to be for the request to be one to a service: a regular expression (RE2) for all of it. */
export interface AuthorityMatch {
  regex: string;
}

const clusterSuffix = ".svc.cluster.local";

/** The names by which a Service is called from inside the mesh; the short one from its own namespace alone. */
function namesOf(service: string, namespace: string): string[] {
  return ["", `.${namespace}`, `.${namespace}.svc`, `.${namespace}${clusterSuffix}`].map((rest) => service + rest);
}

/** The hosts of a VirtualService that are none of the services of its namespace that are named. */
export function otherHosts(object: ClusterObject, services: readonly string[]): string[] {
  const { namespace = "default" } = object.metadata;
  const own = services.flatMap((service) => namesOf(service, namespace));
  return (specOf(object).hosts ?? []).filter((host) => !own.includes(host.toLowerCase()));
}

/**
 * Which authorities mean the service: its names, with a port or without, in either case. Undefined for a VirtualService that is for the
 * service alone. Pure. Throws an OperatorError where another of its hosts is called by the short name as well, from elsewhere.
 */
export function authorityOf(object: ClusterObject, service: string): AuthorityMatch | undefined {
  const { namespace = "default" } = object.metadata;
  const others = otherHosts(object, [service]);
  if (others.length === 0) return undefined;
  const alike = others.find((host) => mayBeCalled(service, host.toLowerCase()));
  if (alike !== undefined) {
    throw new OperatorError(
      `VirtualService ${object.metadata.name} is for ${alike} as well as for ${service}: which of them a call to "${service}" means cannot be told there; give ${service} a VirtualService of its own`,
    );
  }
  return { regex: `(?i)${service}(\\.${namespace}(\\.svc(\\.cluster\\.local)?)?)?\\.?(:\\d+)?` };
}

/** Whether a Service of another namespace, for which the host stands, may be called by this short name there. */
function mayBeCalled(short: string, host: string): boolean {
  if (host.startsWith("*")) return clusterSuffix.endsWith(host.slice(1));
  return host.startsWith(`${short}.`) && host.endsWith(clusterSuffix);
}

/**
 * A route as it is for calls to the service alone; undefined for one that takes none of them. Pure. Throws an OperatorError
 * where it asks something of the authority that cannot be put together with that.
 *
 * @param authority undefined where every call of the route is to the service
 */
export function meantFor(route: HttpRoute, authority: AuthorityMatch | undefined): HttpRoute | undefined {
  if (authority === undefined) return route;
  const match = (route.match ?? [{}]).filter((one) => isMeant(one, route, authority));
  if (match.length === 0) return undefined;
  return { ...route, match: match.map((one) => (isExact(one.authority) ? one : { ...one, authority })) };
}

function isMeant({ authority: asked }: HttpMatch, route: HttpRoute, authority: AuthorityMatch): boolean {
  if (asked === undefined || (asked as AuthorityMatch).regex === authority.regex) return true;
  if (isExact(asked)) return new RegExp(`^${authority.regex.replace("(?i)", "")}$`, "i").test(asked.exact);
  // One of ours is for another service.
  if (isOurs(route)) return false;
  throw new OperatorError(
    "its VirtualService is for other hosts, too, and already matches authority by a prefix or an expression: nothing can be asked of it beside that",
  );
}

/** The service for whose calls alone a route of ours is; undefined where its VirtualService says whose they are. */
export function serviceMeant({ match }: HttpRoute): string | undefined {
  const { regex = "" } = (match?.[0]?.authority ?? {}) as Partial<AuthorityMatch>;
  return /^\(\?i\)([a-z0-9-]+)\(/.exec(regex)?.[1];
}

function isExact(asked: unknown): asked is { exact: string } {
  return typeof (asked as { exact?: unknown } | undefined)?.exact === "string";
}
