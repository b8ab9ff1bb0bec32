import type { Check } from "../check.js";
import { type Finding, placeOf } from "../finding.js";
import { faultsOf, routesOf } from "../routes.js";

/** TL0101, TL0102: Istio takes a fault without a percentage for one of 0 (networking/v1 `HTTPFaultInjection`). */
export const faultsThatNeverFire: Check = {
  name: "faults that never fire",
  needs: ["VirtualService"],
  look: (seen) =>
    routesOf(seen).flatMap((placed) =>
      faultsOf(placed).flatMap(({ path, kind, percent }): Finding[] => {
        if (percent !== undefined && percent > 0) return [];
        return [
          {
            ...{
              id: percent === undefined ? "TL0101" : "TL0102",
              severity: "error",
              place: placeOf(placed.object, path),
            },
            seen: `this ${kind} ${percent === undefined ? "has no percentage" : "has a percentage of 0"}, so it never fires`,
            fix: `write percentage: { value: 100 }, or the share that is meant`,
          },
        ];
      }),
    ),
};
