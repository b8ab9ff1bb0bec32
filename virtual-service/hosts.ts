import type { VirtualService } from "./schema.js";

const clusterSuffix = ".svc.cluster.local";

/**
 * Whether a host of a VirtualService means the host that is called. Both may be short (`reviews`), with a namespace
 * (`reviews.shop`), or full (`reviews.shop.svc.cluster.local`): a short name stands for any namespace. `*` and
 * `*.example.com` are wildcards as in Istio.
 */
export function hostMatches(written: string, called: string): boolean {
  const [pattern, host] = [shortened(written), shortened(called)];
  if (pattern === "*" || pattern === host) return true;
  if (pattern.startsWith("*.")) return host.endsWith(pattern.slice(1));
  const [a, b] = [pattern.split("."), host.split(".")];
  return a[0] === b[0] && (a.length === 1 || b.length === 1) && Math.max(a.length, b.length) <= 2;
}

/** The service a host names: its first label. */
export function serviceOf(host: string): string {
  return shortened(host).split(".")[0]!;
}

function shortened(host: string): string {
  const lower = host.toLowerCase();
  return lower.endsWith(clusterSuffix) ? lower.slice(0, -clusterSuffix.length) : lower;
}

/** Says which two VirtualServices are for one host, for then Istio obeys parts of each; undefined when none are. */
export function oneVirtualServiceAHost(all: readonly VirtualService[]): string | undefined {
  const owners = new Map<string, string>();
  for (const { metadata, spec } of all) {
    for (const host of spec.hosts.map(shortened)) {
      const owner = owners.get(host);
      if (owner)
        return `"${owner}" and "${metadata.name}" are both for host ${host}: which one is obeyed is not defined`;
      owners.set(host, metadata.name);
    }
  }
  return undefined;
}
