import { specOf } from "../../routes/virtual-service.js";
import type { Check } from "../check.js";
import { type Finding, placeOf } from "../finding.js";
import { serviceNamed } from "../host.js";
import { httpRouteMirrors, servicesAttachedTo } from "../http-routes.js";
import { isForMesh } from "../routes.js";
import { objectsOf, type Seen } from "../seen.js";
import { nowhereFindings, shareFindings } from "./mirrors.js";

/** TL0301 to TL0305 of HTTPRoutes: the same is wrong with their mirrors, and it is as little noticed. */
export const mirrorsOfHttpRoutes: Check = {
  name: "mirrors of HTTPRoutes",
  needs: ["HTTPRoute"],
  look: (seen) =>
    httpRouteMirrors(seen).flatMap(({ object, mirror }) => [
      ...nowhereFindings(object, mirror, seen),
      ...shareFindings(object, mirror),
    ]),
};

/**
 * TL0202: where an HTTPRoute is attached to a Service, Istio obeys it alone for calls inside the mesh, whichever is older
 * (seen on Istio 1.31): routes, faults and mirrors of a VirtualService for the same host do nothing.
 */
export const besideHttpRoutes: Check = {
  name: "VirtualServices beside HTTPRoutes",
  needs: ["HTTPRoute", "VirtualService"],
  look: (seen) =>
    objectsOf(seen, "VirtualService")
      .filter(isForMesh)
      .flatMap((object) =>
        (specOf(object).hosts ?? []).flatMap((host, at): Finding[] => {
          const route = routeOf(host, seen);
          if (route === undefined) return [];
          return [
            {
              ...{ id: "TL0202", severity: "error", place: placeOf(object, `spec.hosts[${at}]`) },
              seen: `HTTPRoute ${route} is attached to Service ${host}: calls inside the mesh obey that alone, and no route, fault or mirror written here`,
              fix: "keep one of the two",
            },
          ];
        }),
      ),
};

/** Name of an HTTPRoute that is attached to the Service which a host names. */
function routeOf(host: string, seen: Seen): string | undefined {
  const service = serviceNamed(host, seen.namespace);
  const route = objectsOf(seen, "HTTPRoute").find((object) =>
    servicesAttachedTo(object, seen.namespace).some(
      ({ name, namespace }) => name === service?.name && namespace === service.namespace,
    ),
  );
  return route?.metadata.name;
}
