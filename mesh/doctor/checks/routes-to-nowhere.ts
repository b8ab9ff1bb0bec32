import type { ClusterObject } from "../../cluster/object.js";
import type { RouteDestination } from "../../routes/virtual-service.js";
import type { Check } from "../check.js";
import { type Finding, placeOf } from "../finding.js";
import { destinationsOf, routesOf } from "../routes.js";
import type { Seen } from "../seen.js";
import { portsOf, targetOf } from "../services.js";

/** TL0106: a route whose destination is no Service, or no port of it, answers 503. */
export const routesToNowhere: Check = {
  name: "routes to Services that are not there",
  needs: ["VirtualService", "Service"],
  look: (seen) =>
    routesOf(seen).flatMap((placed) =>
      destinationsOf(placed).flatMap(({ destination, path }) => findingFor(placed.object, destination, path, seen)),
    ),
};

function findingFor(object: ClusterObject, { host, port }: RouteDestination, path: string, seen: Seen): Finding[] {
  const target = targetOf(host, seen, object.metadata.namespace);
  const finding = (seenThere: string, fix: string): Finding[] => [
    { ...{ id: "TL0106", severity: "error", place: placeOf(object, path) }, seen: seenThere, fix },
  ];
  if (target.kind === "nothing") {
    const fix = target.meant === undefined ? "name a Service that is there" : `write its full name: ${target.meant}`;
    return finding(`there is no Service ${host}: requests that take this route are answered with 503`, fix);
  }
  if (target.kind !== "service" || port === undefined) return [];
  const known = portsOf(target.service).map((one) => one.port);
  if (known.includes(port.number)) return [];
  return finding(
    `Service ${host} has no port ${port.number}: requests that take this route are answered with 503`,
    `name one of its ports: ${known.join(", ")}`,
  );
}
