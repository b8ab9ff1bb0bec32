import { faultsOf } from "./faults/index.js";
import type { HttpRoute, VirtualService } from "./schema.js";

/**
 * What is within the subset and probably not what was meant: a fault without a percentage (Istio never fires it), and a
 * route behind one that takes everything. One sentence each.
 */
export function warningsOf(all: readonly VirtualService[]): string[] {
  return all.flatMap(({ metadata, spec }) => [
    ...spec.http.flatMap((route, at) => faultWarnings(route, `${metadata.name}: spec.http[${at}]`)),
    ...hiddenRoutes(spec.http, metadata.name),
  ]);
}

function faultWarnings(route: HttpRoute, place: string): string[] {
  return faultsOf(route.fault)
    .filter((fault) => fault.sharePercent === undefined)
    .map((fault) => `${place}.fault.${fault.name} has no percentage, so it never fires`);
}

function hiddenRoutes(routes: readonly HttpRoute[], name: string): string[] {
  const first = routes.findIndex((route) => !route.match);
  if (first < 0 || first === routes.length - 1) return [];
  return [`${name}: spec.http[${first}] takes every request, so the routes after it are never reached`];
}
