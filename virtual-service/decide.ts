import { faultsOf } from "./faults/index.js";
import type { FaultEffect } from "./faults/kind.js";
import { hostMatches } from "./hosts.js";
import { type RoutedRequest, routeTakes } from "./match.js";
import type { Destination, HttpRoute, VirtualService } from "./schema.js";

/** A number in [0, 1) for one rule, bound by the caller to a seed and a Step or request: see `draw` in base. */
export type DrawFor = (rule: string) => number;

/** What becomes of a request. */
export type Decision =
  | {
      kind: "route";
      destination: Destination;
      /** The delay and abort that were drawn; empty when none was. */
      fault: FaultEffect;
      /** Whom a copy goes to, unless the call is aborted. */
      mirrors: readonly Destination[];
      /** What was drawn, in words. */
      explanations: readonly string[];
    }
  /** A VirtualService is for this host and none of its routes takes the request: Envoy answers 404. */
  | { kind: "no-route"; virtualService: string };

/**
 * The way of one request: of the VirtualServices the first for its host, of its routes the first that takes it. A host
 * without a VirtualService is its own destination. Pure: the same draws give the same decision.
 */
export function decide(all: readonly VirtualService[], request: RoutedRequest, drawFor: DrawFor): Decision {
  const own = all.find(({ spec }) => spec.hosts.some((host) => hostMatches(host, request.host)));
  if (!own) return { kind: "route", destination: { host: request.host }, fault: {}, mirrors: [], explanations: [] };
  const at = own.spec.http.findIndex((candidate) => routeTakes(candidate, request));
  const route = own.spec.http[at];
  if (!route) return { kind: "no-route", virtualService: own.metadata.name };
  const drawIn: DrawFor = (rule) => drawFor(`${own.metadata.name}/${route.name ?? at}/${rule}`);
  const { fault, explanations } = drawFaults(route, drawIn);
  return {
    kind: "route",
    destination: drawDestination(route, drawIn),
    fault,
    mirrors: fault.abort ? [] : drawMirrors(route, drawIn),
    explanations,
  };
}

function drawFaults(route: HttpRoute, drawIn: DrawFor): { fault: FaultEffect; explanations: string[] } {
  const drawn = faultsOf(route.fault).filter((fault) => drawIn(fault.name) * 100 < (fault.sharePercent ?? 0));
  return {
    fault: Object.assign({}, ...drawn.map((fault) => fault.effect)) as FaultEffect,
    explanations: drawn.map((fault) => fault.explanation),
  };
}

// One destination takes all, whatever its weight; of several, each its weight's share of the sum.
function drawDestination(route: HttpRoute, drawIn: DrawFor): Destination {
  const shares = route.route.map(({ destination, weight }) => ({ destination, weight: weight ?? 0 }));
  const total = shares.reduce((sum, { weight }) => sum + weight, 0);
  if (shares.length === 1) return shares[0]!.destination;
  let left = drawIn("weight") * total;
  for (const { destination, weight } of shares) {
    if (left < weight) return destination;
    left -= weight;
  }
  return shares.findLast(({ weight }) => weight > 0)!.destination;
}

function drawMirrors(route: HttpRoute, drawIn: DrawFor): Destination[] {
  const one = route.mirror ? [{ destination: route.mirror, percentage: route.mirrorPercentage }] : [];
  return [...one, ...(route.mirrors ?? [])]
    .filter(({ percentage }, at) => drawIn(`mirror/${at}`) * 100 < (percentage?.value ?? 100))
    .map(({ destination }) => destination);
}
