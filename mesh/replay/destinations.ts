import type { Cluster } from "../cluster/cluster.js";
import { type AuthorityRule, type MappedAuthority, mapAuthorities } from "./authorities.js";
import { servicesOf } from "./services.js";

/** Where calls to one recorded authority go, seen from inside the cluster. */
export interface Destination extends MappedAuthority {
  namespace: string;
  /** Base URL: `http://reviews.shop-staging.svc:9080`. */
  url: string;
}

/** Where the calls of a tape go in a namespace. Throws an OperatorError for an authority that none of its Services is for. */
export async function destinationsIn(
  cluster: Cluster,
  namespace: string,
  authorities: readonly string[],
  rules: readonly AuthorityRule[],
): Promise<Destination[]> {
  const services = await servicesOf(cluster, namespace);
  return mapAuthorities(authorities, services, { namespace, rules }).map((mapped) => ({
    ...mapped,
    namespace,
    url: urlOf(mapped, namespace),
  }));
}

/** Without the cluster's domain, which need not be `cluster.local`: pods find it by their search list, and proxies know the name so, too. */
function urlOf({ service, port }: MappedAuthority, namespace: string): string {
  return `${port.isTls ? "https" : "http"}://${service}.${namespace}.svc:${port.number}`;
}
