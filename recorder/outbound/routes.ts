import type { UpstreamAddress } from "../forward/upstream-address.js";

/** Where calls that leave a service go. */
export interface OutboundRoutes {
  /** The first that matches a call's authority decides. */
  routes: readonly OutboundRoute[];
  /** For authorities without a route: one upstream for all, or `as-named`, each where its authority says. Without it they are refused. */
  default?: UpstreamAddress | "as-named";
  /**
   * Which hosts are reached where a call names its target itself: as a proxy's client does (absolute target), with
   * CONNECT, or by `as-named`. Without a list: all, for then clients are on this machine alone.
   */
  allow?: readonly string[];
}

export interface OutboundRoute {
  /** See {@link matchesHost}. */
  host: string;
  upstream: UpstreamAddress;
}

/**
 * Whether an authority is meant by a pattern: `reviews` (any port), `reviews:9080` (that port), `*.shop.svc` (names that
 * end so, of any depth), `*`. Upper and lower case are the same. An IPv6 address stands in brackets.
 */
export function matchesHost(pattern: string, authority: string): boolean {
  const wanted = hostAndPort(pattern.toLowerCase());
  const given = hostAndPort(authority.toLowerCase());
  if (wanted.port !== "" && wanted.port !== given.port) return false;
  if (wanted.host === "*") return true;
  return wanted.host.startsWith("*.") ? given.host.endsWith(wanted.host.slice(1)) : wanted.host === given.host;
}

/** Both as text; the port empty where none is given. */
export function hostAndPort(authority: string): { host: string; port: string } {
  const [, host, port = ""] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority) ?? [];
  return { host: (host ?? authority).replace(/\.$/, ""), port };
}
