import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { check, OperatorError, reasonOf } from "../../base/index.js";
import type { Attribution, DifferenceKind, Divergence, KnownReport } from "../../tape/index.js";

/** What a divergence is known by from run to run; its number, counts and examples are another each time. */
export type DivergenceName = Pick<Divergence, "hop" | "route" | "place" | "kind">;

const name = z.object({
  hop: z.string(),
  route: z.string(),
  place: z.string(),
  kind: z.string() as unknown as z.ZodType<DifferenceKind>,
});
/** A `report.json` says of each what it was laid to; a list of one's own need not. */
const reported = name.extend({ attribution: (z.string() as unknown as z.ZodType<Attribution>).optional() });
/** A `report.json`, or a list alone; what else stands in it is not looked at. */
const file = z.union([
  z.object({ divergences: z.array(reported) }).transform(({ divergences }) => divergences),
  z.array(reported),
]);

/**
 * Reads the divergences of a `report.json`, or of a YAML or JSON list of `hop`, `route`, `place`, `kind`. Noise is left
 * out: it fails no run and comes again in each, so it is neither known nor to be gone.
 */
export function readKnown(path: string): DivergenceName[] {
  let parsed: unknown;
  try {
    parsed = parseYaml(readFileSync(path, "utf8"), { maxAliasCount: 100 });
  } catch (cause) {
    throw new OperatorError(`cannot read known divergences from ${path}: ${reasonOf(cause)}`, { cause });
  }
  return check(file, parsed, path)
    .filter(({ attribution }) => !isNoise(attribution))
    .map(({ hop, route, place, kind }) => ({ hop, route, place, kind }));
}

/** Marks the divergences that were known before the run, and says of each known one whether it was met. */
export function markKnown(
  divergences: readonly Divergence[],
  known: readonly DivergenceName[],
): { divergences: Divergence[]; known: KnownReport[] } {
  const names = new Set(known.map(nameOf));
  const marked = divergences.map((one): Divergence => (names.has(nameOf(one)) ? { ...one, known: true } : one));
  return { divergences: marked, known: metOf(divergences, known) };
}

/** Says of each whether it was met. */
export function metOf(divergences: readonly DivergenceName[], names: readonly DivergenceName[]): KnownReport[] {
  const met = new Set(divergences.map(nameOf));
  return names.map((one) => ({ ...one, met: met.has(nameOf(one)) }));
}

/** Of both kinds: proven by a second asking, and taken for it by its values. */
export function isNoise(attribution: Attribution | undefined): boolean {
  return attribution === "noise" || attribution === "unproven-noise";
}

/** As a key. */
export function nameOf({ hop, route, place, kind }: DivergenceName): string {
  return JSON.stringify([hop, route, place, kind]);
}
