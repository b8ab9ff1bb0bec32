import type { HttpMatch } from "../routes/virtual-service.js";

/**
 * Whether every request that meets the second match certainly meets the first. A regular expression covers the same one
 * alone, so false may mean that it could not be told. Pure.
 */
export function covers(wider: HttpMatch, narrower: HttpMatch): boolean {
  return Object.entries(wider).every(([field, asked]) => {
    if (routesNothing.has(field)) return true;
    const also = narrower[field];
    if (asked === undefined) return true;
    if (maps.has(field)) return mapCovers(asked as Conditions, also as Conditions | undefined);
    return also !== undefined && conditionCovers(asked, also);
  });
}

/** Fields of a match that say nothing of a request. */
const routesNothing: ReadonlySet<string> = new Set(["name", "statPrefix"]);
/** Fields whose members are conditions of their own. */
const maps: ReadonlySet<string> = new Set(["headers", "queryParams", "withoutHeaders", "sourceLabels"]);
type Conditions = Readonly<Record<string, unknown>>;

function mapCovers(wider: Conditions, narrower: Conditions | undefined): boolean {
  return Object.entries(wider).every(
    ([name, asked]) => narrower?.[name] !== undefined && conditionCovers(asked, narrower[name]),
  );
}

function conditionCovers(wider: unknown, narrower: unknown): boolean {
  if (JSON.stringify(wider) === JSON.stringify(narrower)) return true;
  if (typeof wider !== "object" || wider === null || Array.isArray(wider)) return false;
  const { prefix, ...rest } = wider as { prefix?: string };
  // An empty condition asks for presence; one that asks for more asks for that, too.
  if (prefix === undefined) return Object.keys(wider).length === 0;
  const { exact, prefix: longer } = (narrower ?? {}) as { exact?: string; prefix?: string };
  return Object.keys(rest).length === 0 && (exact ?? longer)?.startsWith(prefix) === true;
}
