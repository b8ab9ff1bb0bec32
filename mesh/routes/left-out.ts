import type { ClusterObject } from "../cluster/object.js";
import { otherHosts } from "./authority.js";
import { type HttpMatch, type HttpRoute, specOf } from "./virtual-service.js";

/**
 * What of the requests that a VirtualService routes a change for services leaves as it is: a sentence each. Pure.
 *
 * @param services those that it is changed for
 */
export function leftOutOf(object: ClusterObject, services: readonly string[]): string[] {
  const { name } = object.metadata;
  const others = otherHosts(object, services);
  const elsewhere = delegatedInWords(object);
  return [
    ...(others.length === 0
      ? []
      : [`VirtualService ${name} is for ${others.join(", ")}, too: calls to ${them(others)} are left as they are`]),
    ...(elsewhere.length === 0 ? [] : [`VirtualService ${name} leaves out ${elsewhere.join("; ")}`]),
  ];
}

/** `requests with path /page…, which it delegates to VirtualService front-pages in namespace shop`, for each such route. */
export function delegatedInWords(object: ClusterObject): string[] {
  return delegatedBy(object).map(({ requests, to }) => `${requests}, which it delegates to ${to}`);
}

function them(all: readonly unknown[]): string {
  return all.length === 1 ? "it" : "these";
}

/** Requests whose way another VirtualService says. */
export interface Delegated {
  /** Index of the route. */
  at: number;
  /** `requests with path /page…`. */
  requests: string;
  /** `VirtualService front-pages in namespace shop`. */
  to: string;
  name: string;
  namespace: string;
}

/** The requests that a VirtualService delegates: no route of its own takes them, so nothing that is put there meets them. */
export function delegatedBy(object: ClusterObject): Delegated[] {
  const { namespace: here = "default" } = object.metadata;
  return (specOf(object).http ?? []).flatMap((route, at) => {
    const { name, namespace = here } = (route.delegate ?? {}) as { name?: string; namespace?: string };
    if (name === undefined) return [];
    return [
      { at, requests: requestsOf(route), to: `VirtualService ${name} in namespace ${namespace}`, name, namespace },
    ];
  });
}

function requestsOf({ match }: HttpRoute): string {
  return match === undefined || match.length === 0
    ? "all requests"
    : `requests with ${match.map(inWords).join(" or ")}`;
}

/** `path /page…`, `header end-user, method`. */
function inWords(match: HttpMatch): string {
  const {
    uri,
    headers = {},
    ...others
  } = match as HttpMatch & { uri?: { exact?: string; prefix?: string; regex?: string } };
  const path = uri === undefined ? undefined : (uri.exact ?? uri.regex ?? `${uri.prefix}…`);
  return [
    ...(path === undefined ? [] : [`path ${path}`]),
    ...Object.keys(headers).map((name) => `header ${name}`),
    ...Object.keys(others).filter((field) => field !== "name"),
  ].join(" and ");
}
