import type { ClusterObject } from "../../cluster/object.js";
import { specOf } from "../../routes/virtual-service.js";
import type { Check } from "../check.js";
import { type Finding, placeOf } from "../finding.js";
import { serviceNamed } from "../host.js";
import { gatewaysOf } from "../routes.js";
import { objectsOf, type Seen } from "../seen.js";

/**
 * TL0201: two VirtualServices for one host at the same gateway, or inside the mesh: which routes are obeyed is not
 * promised. At a gateway Istio merges them, in an order that is not promised.
 */
export const twoForOneHost: Check = {
  name: "two VirtualServices for one host",
  needs: ["VirtualService"],
  look: (seen) => {
    const owners = new Map<string, { object: ClusterObject; path: string }[]>();
    for (const object of objectsOf(seen, "VirtualService")) {
      for (const [host, path] of hostsOf(object, seen)) {
        for (const gateway of gatewaysOf(object)) {
          const key = `${gateway} ${host}`;
          owners.set(key, [...(owners.get(key) ?? []), { object, path }]);
        }
      }
    }
    return [...owners].flatMap(([key, these]) => (these.length > 1 ? [findingFor(key, these)] : []));
  },
};

function hostsOf(object: ClusterObject, seen: Seen): Map<string, string> {
  return new Map((specOf(object).hosts ?? []).map((host, at) => [fullName(host, seen.namespace), `spec.hosts[${at}]`]));
}

function fullName(host: string, namespace: string): string {
  const service = serviceNamed(host, namespace);
  return service === undefined ? host.toLowerCase() : `${service.name}.${service.namespace}.svc.cluster.local`;
}

function findingFor(key: string, owners: readonly { object: ClusterObject; path: string }[]): Finding {
  const [gateway, host] = key.split(" ") as [string, string];
  const names = owners.map(({ object }) => object.metadata.name).sort();
  const [first] = owners.toSorted((a, b) => (a.object.metadata.name < b.object.metadata.name ? -1 : 1));
  const where = gateway === "mesh" ? "inside the mesh" : `at gateway ${gateway}`;
  return {
    ...{ id: "TL0201", severity: gateway === "mesh" ? "error" : "warning", place: placeOf(first!.object, first!.path) },
    seen: `VirtualServices ${names.join(" and ")} are ${owners.length > 2 ? "all" : "both"} for ${host} ${where}: which of their routes are obeyed is not promised`,
    fix: "make them one VirtualService",
  };
}
