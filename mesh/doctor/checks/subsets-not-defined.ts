import type { Check } from "../check.js";
import { type Finding, placeOf } from "../finding.js";
import { serviceNamed } from "../host.js";
import { destinationsOf, mirrorsOf, routesOf } from "../routes.js";
import { objectsOf, type Seen } from "../seen.js";

/** TL0107: a subset is what a DestinationRule for the same Service says it is. Looked for in this namespace alone. */
export const subsetsNotDefined: Check = {
  name: "subsets that are not defined",
  needs: ["VirtualService", "DestinationRule"],
  look: (seen) =>
    routesOf(seen).flatMap((placed) =>
      [...destinationsOf(placed), ...mirrorsOf(placed)].flatMap(
        ({ destination: { host, subset }, path }): Finding[] => {
          const service = serviceNamed(host, seen.namespace);
          if (subset === undefined || service?.namespace !== seen.namespace) return [];
          const known = subsetsOf(service.name, seen);
          if (known.includes(subset)) return [];
          return [
            {
              ...{ id: "TL0107", severity: "error", place: placeOf(placed.object, path) },
              seen: `no DestinationRule of this namespace has a subset ${subset} of ${host}: requests that take this route are answered with 503`,
              fix:
                known.length === 0
                  ? `write a DestinationRule for ${host} with it`
                  : `name one that is there: ${known.join(", ")}`,
            },
          ];
        },
      ),
    ),
};

function subsetsOf(service: string, seen: Seen): string[] {
  return objectsOf(seen, "DestinationRule").flatMap(({ spec }) => {
    const { host = "", subsets = [] } = spec as { host?: string; subsets?: { name: string }[] };
    const named = serviceNamed(host, seen.namespace);
    return named?.name === service && named.namespace === seen.namespace ? subsets.map(({ name }) => name) : [];
  });
}
