import { delegatedBy } from "../../routes/left-out.js";
import type { Check } from "../check.js";
import { type Finding, placeOf } from "../finding.js";
import { hasLiveFault, mirrorsOf, type PlacedRoute, routesOf } from "../routes.js";
import { objectsOf, type Seen } from "../seen.js";

/** TL0111: a fault, or a mirror, in a VirtualService is none for the requests that it delegates to another one. */
export const delegatedRequests: Check = {
  name: "delegated requests that faults or mirrors leave out",
  needs: ["VirtualService"],
  look: (seen) => {
    const all = routesOf(seen);
    return objectsOf(seen, "VirtualService").flatMap((object) =>
      delegatedBy(object).flatMap(({ at, requests, to, name, namespace }): Finding[] => {
        const there = all.filter(({ object: { metadata } }) => isNamed(metadata, { name, namespace }, seen));
        const missed = whatIsIn(all.filter((one) => one.object === object)).filter(
          (what) => !whatIsIn(there).includes(what),
        );
        if (missed.length === 0) return [];
        return [
          {
            ...{ id: "TL0111", severity: "warning", place: placeOf(object, `spec.http[${at}].delegate`) },
            seen: `${requests} are delegated to ${to}, so they meet no ${missed.join(" and no ")} of this one`,
            fix: `write the ${missed.join(" and the ")} in ${to}, too, if these requests are meant`,
          },
        ];
      }),
    );
  },
};

function isNamed(
  { name, namespace }: { name: string; namespace?: string },
  wanted: { name: string; namespace: string },
  seen: Seen,
): boolean {
  return name === wanted.name && (namespace ?? seen.namespace) === wanted.namespace;
}

function whatIsIn(routes: readonly PlacedRoute[]): string[] {
  return [
    ...(routes.some(hasLiveFault) ? ["fault"] : []),
    ...(routes.some((placed) => mirrorsOf(placed).some(({ percent }) => percent > 0)) ? ["mirror"] : []),
  ];
}
