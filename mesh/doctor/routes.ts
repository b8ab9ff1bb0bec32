import type { ClusterObject } from "../cluster/object.js";
import { type HttpRoute, type RouteDestination, specOf } from "../routes/virtual-service.js";
import { objectsOf, type Seen } from "./seen.js";

/** An HTTP route, and where it stands. */
export interface PlacedRoute {
  object: ClusterObject;
  route: HttpRoute;
  at: number;
  /** `spec.http[2]`. */
  path: string;
}

/** One fault of a route, as written. */
export interface WrittenFault {
  /** `delay`, `abort`. */
  kind: string;
  /** `spec.http[2].fault.abort`. */
  path: string;
  /** 0 to 100; undefined where no percentage is written. */
  percent: number | undefined;
  fixedDelay?: string;
}

/** All HTTP routes of the namespace's VirtualServices. */
export function routesOf(seen: Seen): PlacedRoute[] {
  return objectsOf(seen, "VirtualService").flatMap((object) =>
    (specOf(object).http ?? []).map((route, at) => ({ object, route, at, path: `spec.http[${at}]` })),
  );
}

/** Whether it is obeyed for calls inside the mesh, not only at a gateway. */
export function isForMesh(object: ClusterObject): boolean {
  return gatewaysOf(object).includes("mesh");
}

export function gatewaysOf(object: ClusterObject): readonly string[] {
  const { gateways } = specOf(object);
  return gateways === undefined || gateways.length === 0 ? ["mesh"] : gateways;
}

export function faultsOf({ route, path }: PlacedRoute): WrittenFault[] {
  const faults = (route.fault ?? {}) as Record<string, FaultFields | undefined>;
  return Object.entries(faults).flatMap(([kind, fault]) => {
    if (fault === undefined || fault === null) return [];
    const percent = fault.percentage === undefined ? fault.percent : (fault.percentage.value ?? 0);
    const { fixedDelay } = fault;
    return [{ kind, path: `${path}.fault.${kind}`, percent, ...(fixedDelay === undefined ? {} : { fixedDelay }) }];
  });
}

interface FaultFields {
  percentage?: { value?: number };
  /** An older way to write it. */
  percent?: number;
  fixedDelay?: string;
}

/** Whether any fault of the route ever fires. */
export function hasLiveFault(placed: PlacedRoute): boolean {
  return faultsOf(placed).some(({ percent = 0 }) => percent > 0);
}

/** A copy of a route's requests, and where it is written. */
export interface WrittenMirror {
  destination: RouteDestination;
  /** 0 to 100. */
  percent: number;
  path: string;
}

export function mirrorsOf({ route, path }: PlacedRoute): WrittenMirror[] {
  const { mirror, mirrorPercentage, mirrorPercent, mirror_percent, mirrors = [] } = route;
  const share =
    mirrorPercentage === undefined ? (mirrorPercent ?? mirror_percent ?? 100) : (mirrorPercentage.value ?? 0);
  const single = mirror === undefined ? [] : [{ destination: mirror, percent: share, path: `${path}.mirror` }];
  const many = mirrors.map(({ destination, percentage }, at) => ({
    ...{ destination, path: `${path}.mirrors[${at}]` },
    percent: percentage === undefined ? 100 : (percentage.value ?? 0),
  }));
  return [...single, ...many];
}

/** The routes that pass requests on, with where each destination is written. */
export function destinationsOf({ route, path }: PlacedRoute): { destination: RouteDestination; path: string }[] {
  return (route.route ?? []).map(({ destination }, at) => ({ destination, path: `${path}.route[${at}].destination` }));
}
