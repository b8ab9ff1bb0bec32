import type { ClusterObject } from "../cluster/object.js";
import { type BackendRef, httpRouteSpec, type RouteFilter } from "../routes/http-route.js";
import type { ServiceName } from "./host.js";
import type { WrittenMirror } from "./routes.js";
import { objectsOf, type Seen } from "./seen.js";

/** Every `RequestMirror` of the namespace's HTTPRoutes that leads to a Service, as a mirror of a VirtualService is written. */
export function httpRouteMirrors(seen: Seen): { object: ClusterObject; mirror: WrittenMirror }[] {
  return objectsOf(seen, "HTTPRoute").flatMap((object) =>
    (httpRouteSpec(object).rules ?? []).flatMap(({ filters = [] }, rule) =>
      filters.flatMap((filter, at) => {
        const mirror = mirrorOf(filter, `spec.rules[${rule}].filters[${at}]`, seen.namespace);
        return mirror === undefined ? [] : [{ object, mirror }];
      }),
    ),
  );
}

function mirrorOf({ requestMirror }: RouteFilter, path: string, here: string): WrittenMirror | undefined {
  if (requestMirror === undefined) return undefined;
  const { backendRef, percent, fraction } = requestMirror;
  const service = serviceOf(backendRef, "Service", here);
  if (service === undefined) return undefined;
  const host = `${service.name}.${service.namespace}.svc.cluster.local`;
  const { port } = backendRef;
  const share = fraction === undefined ? percent : (100 * fraction.numerator) / (fraction.denominator ?? 100);
  const destination = { host, ...(port === undefined ? {} : { port: { number: port } }) };
  return { destination, percent: share ?? 100, path: `${path}.requestMirror` };
}

/** The Services that a route is attached to: its rules are for all calls to them inside the mesh. */
export function servicesAttachedTo(object: ClusterObject, here: string): ServiceName[] {
  return (httpRouteSpec(object).parentRefs ?? []).flatMap((parent) => serviceOf(parent, "Gateway", here) ?? []);
}

/** @param usual the kind that is meant where none is written */
function serviceOf(ref: BackendRef, usual: string, here: string): ServiceName | undefined {
  const { kind = usual, name, namespace = here } = ref;
  return kind === "Service" ? { name, namespace } : undefined;
}
