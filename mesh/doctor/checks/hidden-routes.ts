import { isSame, type Json } from "../../journal/json.js";
import { type HttpRoute, ownRoutePrefixes } from "../../routes/virtual-service.js";
import type { Check } from "../check.js";
import { covers } from "../covers.js";
import { type Finding, placeOf } from "../finding.js";
import { faultsOf, mirrorsOf, type PlacedRoute, routesOf } from "../routes.js";

/** TL0104: of the routes the first that takes a request is obeyed, so one behind a wider one never is. */
export const hiddenRoutes: Check = {
  name: "routes that are never reached",
  needs: ["VirtualService"],
  look: (seen) => {
    const all = routesOf(seen);
    return all.flatMap((placed) => {
      const before = all.find(
        ({ object, at, route }) => object === placed.object && at < placed.at && hides(route.match, placed),
      );
      return before === undefined || isTwinOf(before, placed) ? [] : [findingFor(placed, before)];
    });
  },
};

function hides(wider: PlacedRoute["route"]["match"], { route }: PlacedRoute): boolean {
  if (wider === undefined || wider.length === 0) return true;
  return (route.match ?? []).length > 0 && route.match!.every((match) => wider.some((one) => covers(one, match)));
}

/** A fault of ours for a share of everybody takes all that its route does, and does the same with it: nothing is lost. */
function isTwinOf({ route: twin }: PlacedRoute, { route }: PlacedRoute): boolean {
  if (twin.name?.startsWith(ownRoutePrefixes.fault) !== true) return false;
  const { fault: _fault, ...same } = twin;
  return isSame(whatIsDone(same), whatIsDone(route));
}

function whatIsDone({ name: _name, match: _match, ...done }: HttpRoute): Json {
  return done as Json;
}

function findingFor(placed: PlacedRoute, before: PlacedRoute): Finding {
  const lost = [...faultsOf(placed).map(({ kind }) => kind), ...(mirrorsOf(placed).length > 0 ? ["mirror"] : [])];
  return {
    ...{ id: "TL0104", severity: lost.length > 0 ? "error" : "warning", place: placeOf(placed.object, placed.path) },
    seen: `${before.path} takes every request that this route asks for${lost.length > 0 ? `, so its ${lost.join(" and ")} never happens` : ""}`,
    fix: `put it before ${before.path}`,
  };
}
