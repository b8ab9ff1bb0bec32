import type { Difference, Divergence, Place } from "../../tape/index.js";
import { classOf } from "../noise/classes.js";
import type { HopDifference } from "./try-run.js";

/** A divergence as one of its calls had it in the run. */
export interface WantedDivergence {
  divergence: Pick<Divergence, "hop" | "place" | "kind">;
  /** What the target differed in. */
  inRun: readonly HopDifference[];
  /** What the target was compared with in the run, and is in each try. */
  reference: "recorded" | "baseline";
}

/**
 * Whether a try shows a divergence at the target: of the same hop, place and kind.
 *
 * Compared with a recording that is not enough, for an answer differs from its recording too when a call that made its state
 * was left out. So the target has to answer there what it did in the run (a value that is made anew each time by its class
 * alone), and must not differ in its structure where it did not in the run. A live baseline is sent the same calls, so its
 * answers lack what was left out as well.
 */
export function showsDivergence(found: readonly HopDifference[], wanted: WantedDivergence): boolean {
  const { divergence, inRun, reference } = wanted;
  const here = found.filter((one) => isAt(one, divergence));
  if (here.length === 0) return false;
  if (reference === "baseline") return true;
  const before = inRun.filter((one) => isAt(one, divergence)).map(actualOf);
  if (!here.some((one) => before.includes(actualOf(one)))) return false;
  const structure = new Set(inRun.filter(isStructural).map(placeAndKind));
  return found.filter(isStructural).every((one) => structure.has(placeAndKind(one)));
}

function isAt(one: HopDifference, { hop, place, kind }: WantedDivergence["divergence"]): boolean {
  if (one.hop !== hop || one.kind !== kind) return false;
  const own = placeOf(one);
  // Places beyond what a run counts apart are counted under `body:*`.
  return own === place || (place.endsWith(":*") && own.startsWith(place.slice(0, -1)));
}

/** As places are grouped: array indexes as `*`. */
function placeOf({ place, grouped }: Difference): Place {
  return grouped ?? (place.startsWith("body:/") ? place.replace(/\/\d+(?=\/|$)/g, "/*") : place);
}

/** The candidate's side, as far as it may be the same twice. */
function actualOf(one: Difference): string {
  if (!("actual" in one)) return "";
  const actual = String(one.actual);
  const { name, volatile } = classOf(actual);
  return volatile ? `a ${name}` : `= ${actual}`;
}

/** What is no mere value: what there is, of which type, and how the call went. */
function isStructural({ kind, severity }: Difference): boolean {
  return severity === "high" || kind === "array-length" || kind.startsWith("missing-") || kind.startsWith("added-");
}

function placeAndKind(one: HopDifference): string {
  return JSON.stringify([one.hop, placeOf(one), one.kind]);
}
