import { OperatorError } from "../../base/index.js";
import type { HttpMatch } from "./virtual-service.js";

/**
 * The matches of a route, each asking for one of the alternatives, too: as many as there are pairs. A route without
 * matches takes every request, so the alternatives alone are left. Pure. Throws an OperatorError where a match already asks
 * something of the same header or field, for both cannot be asked at once.
 */
export function narrowed(matches: readonly HttpMatch[] | undefined, alternatives: readonly HttpMatch[]): HttpMatch[] {
  return (matches ?? [{}]).flatMap((match) => alternatives.map((more) => both(match, more)));
}

function both(match: HttpMatch, more: HttpMatch): HttpMatch {
  const result: HttpMatch = { ...match };
  for (const [field, asked] of Object.entries(more)) {
    const before = match[field];
    if (before === undefined) result[field] = asked;
    else if (isMap(before) && isMap(asked) && maps.has(field)) result[field] = joined(field, before, asked);
    else throw new OperatorError(`its VirtualService already matches ${field}: nothing can be asked of it beside that`);
  }
  return result;
}

/** Fields whose members are conditions of their own. */
const maps: ReadonlySet<string> = new Set(["headers", "sourceLabels", "queryParams"]);

function joined(field: string, before: Map, asked: Map): Map {
  const twice = Object.keys(asked).find((name) => name in before);
  if (twice === undefined) return { ...before, ...asked };
  throw new OperatorError(
    `its VirtualService already matches ${twice} of ${field}: nothing can be asked of it beside that`,
  );
}

type Map = Record<string, unknown>;

function isMap(value: unknown): value is Map {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
