const clusterSuffix = ".svc.cluster.local";

/** A Service by its name and namespace. */
export interface ServiceName {
  name: string;
  namespace: string;
}

/**
 * The Service that a host of Istio's configuration names: a short one is of the namespace it is written in, a full one
 * (`reviews.shop.svc.cluster.local`) says it. Undefined for every other host: Istio takes a name with a dot as it is, so
 * `reviews.shop` is no Service to it, but a host like `example.com`.
 */
export function serviceNamed(host: string, writtenIn: string): ServiceName | undefined {
  const lower = host.toLowerCase();
  if (!lower.includes(".")) return lower === "*" ? undefined : { name: lower, namespace: writtenIn };
  if (!lower.endsWith(clusterSuffix)) return undefined;
  const [name, namespace, ...more] = lower.slice(0, -clusterSuffix.length).split(".");
  return namespace === undefined || more.length > 0 ? undefined : { name: name!, namespace };
}

/**
 * The Service that an application means by the authority of a call (`reviews:9080`, `reviews.shop`,
 * `reviews.shop.svc`), by the search list of a pod of the namespace; undefined for a host outside the cluster.
 *
 * @param isNamespace whether the cluster has a namespace of this name, which tells `reviews.shop` from `example.com`
 */
export function serviceCalled(
  authority: string,
  from: string,
  isNamespace: (name: string) => boolean,
): ServiceName | undefined {
  const host = authority.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");
  if (/^\[|^[\d.]+$/.test(host)) return undefined;
  const [name, namespace, ...more] = host.split(".");
  if (namespace === undefined) return { name: name!, namespace: from };
  const rest = more.join(".");
  if (rest === "svc" || rest === "svc.cluster.local") return { name: name!, namespace };
  return rest === "" && isNamespace(namespace) ? { name: name!, namespace } : undefined;
}
