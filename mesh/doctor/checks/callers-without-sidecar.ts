import { specOf } from "../../routes/virtual-service.js";
import { hasSidecar, livePods, selects, type Workload } from "../../workloads/pod.js";
import type { Check } from "../check.js";
import { type Finding, placeOf } from "../finding.js";
import { serviceNamed } from "../host.js";
import { hasLiveFault, isForMesh, type PlacedRoute, routesOf } from "../routes.js";
import { objectsOf, type Seen } from "../seen.js";
import { podsBehind } from "../services.js";

/**
 * TL0103: faults are injected by the caller's proxy, so a caller without one meets none. Callers are the pods that
 * `sourceLabels` name, or all pods of the namespace but the callee's own. An error when none of them has a sidecar.
 */
export const callersWithoutSidecar: Check = {
  name: "callers without a sidecar",
  needs: ["VirtualService", "Pod", "Service"],
  look: (seen) =>
    routesOf(seen)
      .filter((placed) => isForMesh(placed.object) && hasLiveFault(placed))
      .flatMap((placed) => findingFor(placed, seen)),
};

function findingFor(placed: PlacedRoute, seen: Seen): Finding[] {
  const callers = callersOf(placed, seen);
  const bare = callers.filter((pod) => !hasSidecar(pod));
  if (bare.length === 0) return [];
  const names = bare.map(({ object }) => object.metadata.name).sort();
  const isAll = bare.length === callers.length;
  return [
    {
      ...{ id: "TL0103", severity: isAll ? "error" : "warning", place: placeOf(placed.object, `${placed.path}.fault`) },
      seen: `${isAll ? "no caller has" : `of ${callers.length} possible callers ${bare.length} have no`}${isAll ? " a" : ""} sidecar, and meet${isAll ? "s" : ""} no fault: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`,
      fix: `label the namespace istio-injection=enabled (or the pods sidecar.istio.io/inject=true) and start those pods again`,
    },
  ];
}

function callersOf({ object, route }: PlacedRoute, seen: Seen): Workload[] {
  const pods = livePods(objectsOf(seen, "Pod"));
  const asked = (route.match ?? [{}]).map(({ sourceLabels }) => sourceLabels);
  if (asked.every((labels) => labels !== undefined)) {
    return pods.filter(({ labels }) => asked.some((wanted) => selects({ matchLabels: wanted! }, labels)));
  }
  const callees = new Set(
    (specOf(object).hosts ?? []).flatMap((host) => {
      const name = serviceNamed(host, seen.namespace);
      const service = objectsOf(seen, "Service", name?.namespace).find(({ metadata }) => metadata.name === name?.name);
      return service === undefined ? [] : (podsBehind(service, seen) ?? []).map(({ object: pod }) => pod);
    }),
  );
  return pods.filter(({ object: pod }) => !callees.has(pod));
}
