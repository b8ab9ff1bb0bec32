import { parseDurationMs } from "../../../virtual-service/index.js";
import { specOf } from "../../routes/virtual-service.js";
import { selects } from "../../workloads/pod.js";
import type { Check } from "../check.js";
import { type Finding, placeOf } from "../finding.js";
import { serviceNamed } from "../host.js";
import { faultsOf, type PlacedRoute, routesOf } from "../routes.js";
import { objectsOf, type Seen } from "../seen.js";

/**
 * TL0109: a delay that is not shorter than a timeout. On its own route the timeout is switched off, so callers wait the
 * whole delay; on the routes to its caller (where `sourceLabels` name one) the timeout strikes first, and what is seen of
 * the fault is a 504 of the caller.
 */
export const delaysBeyondTimeouts: Check = {
  name: "delays as long as a timeout",
  needs: ["VirtualService"],
  look: (seen) => {
    const all = routesOf(seen);
    return all.flatMap((placed) => delaysOf(placed).flatMap((delay) => findingFor(placed, delay, all, seen)));
  },
};

interface Delay {
  path: string;
  written: string;
  ms: number;
}

function delaysOf(placed: PlacedRoute): Delay[] {
  return faultsOf(placed).flatMap(({ path, fixedDelay, percent = 0 }) => {
    const ms = fixedDelay === undefined ? undefined : parseDurationMs(fixedDelay);
    return ms === undefined || percent === 0 ? [] : [{ path, written: fixedDelay!, ms }];
  });
}

function findingFor(placed: PlacedRoute, delay: Delay, all: readonly PlacedRoute[], seen: Seen): Finding[] {
  const place = placeOf(placed.object, delay.path);
  const own = timeoutOf(placed);
  if (own !== undefined && delay.ms >= own.ms) {
    return [
      {
        ...{ id: "TL0109", severity: "warning", place },
        seen: `a delay of ${delay.written} is not cut by the timeout of ${own.written} on its route, which Istio does not obey beside a fault: callers wait all of it`,
        fix: "delay by less than the timeout, or abort with 504 if the timeout is what is to be seen",
      },
    ];
  }
  const caller = routesToCallers(placed, all, seen).find((route) => (timeoutOf(route)?.ms ?? Infinity) <= delay.ms);
  if (caller === undefined) return [];
  return [
    {
      ...{ id: "TL0109", severity: "warning", place },
      seen: `a delay of ${delay.written} outlasts the timeout of ${timeoutOf(caller)!.written} on calls to its caller (VirtualService ${caller.object.metadata.name} ${caller.path}), which then answers 504`,
      fix: "delay by less than that, unless the 504 is what is to be seen",
    },
  ];
}

function timeoutOf({ route }: PlacedRoute): { written: string; ms: number } | undefined {
  const written = route.timeout as string | undefined;
  const ms = written === undefined ? undefined : parseDurationMs(written);
  // A timeout of 0 means none.
  return ms === undefined || ms === 0 ? undefined : { written: written!, ms };
}

/** Routes to the Services of the pods that `sourceLabels` name. */
function routesToCallers({ route }: PlacedRoute, all: readonly PlacedRoute[], seen: Seen): PlacedRoute[] {
  const labels = (route.match ?? []).flatMap(({ sourceLabels }) => (sourceLabels === undefined ? [] : [sourceLabels]));
  const callers = objectsOf(seen, "Service").filter(({ spec }) => {
    const { selector = {} } = spec as { selector?: Record<string, string> };
    return Object.keys(selector).length > 0 && labels.some((these) => selects({ matchLabels: selector }, these));
  });
  const names = new Set(callers.map(({ metadata }) => metadata.name));
  return all.filter(({ object }) =>
    (specOf(object).hosts ?? []).some((host) => names.has(serviceNamed(host, seen.namespace)?.name ?? "")),
  );
}
