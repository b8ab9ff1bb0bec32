import type { Divergence, RunSummary, Verdict } from "../../tape/index.js";
import { withExpectations } from "./expect.js";
import { type DivergenceName, markKnown, metOf } from "./known.js";
import type { Thresholds } from "./thresholds.js";

/** What the operator says about which divergences count. */
export interface GateSettings {
  thresholds?: Thresholds;
  /** Known before the run: masked, and listed. */
  known?: readonly DivergenceName[];
  /** Expected to be gone: the run fails while they are met. */
  expectGone?: readonly DivergenceName[];
}

/** What is known of a run's divergences beforehand, as its summary says it. */
export type Settled = Pick<RunSummary, "divergences" | "known" | "expectedGone">;

/** Marks what was known; says of each known and expected one whether it was met. */
export function settle(found: readonly Divergence[], settings: GateSettings = {}): Settled {
  const { known, expectGone } = settings;
  const marked = known === undefined ? undefined : markKnown(found, known);
  return {
    divergences: marked?.divergences ?? found,
    ...(marked === undefined ? {} : { known: marked.known }),
    ...(expectGone === undefined ? {} : { expectedGone: metOf(found, expectGone) }),
  };
}

/** One sentence for each known divergence that is no longer met. */
export function knownWarnings({ known = [] }: Settled): string[] {
  return known
    .filter(({ met }) => !met)
    .map(({ hop, route, place, kind }) => `no longer met, though known: ${hop} ${route}: ${kind} at ${place}`);
}

/** The verdict, turned to what `--expect` asks where it does. */
export function verdictOf(
  judged: Verdict,
  { expectedGone }: Settled,
  routes: NonNullable<RunSummary["routes"]>,
): Verdict {
  return expectedGone === undefined ? judged : withExpectations(judged, expectedGone, routes);
}
