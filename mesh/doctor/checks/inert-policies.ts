import type { Check } from "../check.js";
import { type Finding, placeOf } from "../finding.js";
import { hasLiveFault, routesOf } from "../routes.js";

/** TL0108: Istio obeys neither the retries nor the timeout of a route that has a fault (its `HTTPRoute` says so). */
export const inertPolicies: Check = {
  name: "retries and timeouts switched off by a fault",
  needs: ["VirtualService"],
  look: (seen) =>
    routesOf(seen)
      .filter(hasLiveFault)
      .flatMap((placed): Finding[] => {
        const { retries, timeout } = placed.route as { retries?: { attempts?: number }; timeout?: string };
        const inert = [...(retries === undefined ? [] : ["retries"]), ...(timeout === undefined ? [] : ["timeout"])];
        if (inert.length === 0) return [];
        return [
          {
            ...{ id: "TL0108", severity: "warning", place: placeOf(placed.object, placed.path) },
            seen: `its ${inert.join(" and ")} ${inert.length > 1 ? "are" : "is"} not obeyed: Istio switches them off where a route has a fault`,
            fix: "judge what the fault does without them, or let the service behind it fail instead",
          },
        ];
      }),
};
