import type { Divergence, Severity } from "../../tape/index.js";
import type { Allowance, Thresholds } from "./thresholds.js";

/** What fails a run, and what it is allowed. */
export interface Gated<D> {
  failing: D[];
  /** Let through, each with the threshold that did so. */
  allowed: { divergence: D; why: string }[];
}

/** What the gate looks at of a divergence. */
export type Gateable = Pick<Divergence, "severity" | "route" | "hop" | "count" | "of" | "known">;

const ranks: Record<Severity, number> = { low: 0, medium: 1, high: 2 };

/**
 * Holds divergences against thresholds: those below `failOn`, those known before the run, and those within an allowance do
 * not fail it. Every divergence comes out on one side. Noise is the caller's to take out first. Pure.
 */
export function gate<D extends Gateable>(divergences: readonly D[], thresholds?: Thresholds): Gated<D> {
  const gated: Gated<D> = { failing: [], allowed: [] };
  const budgets = (thresholds?.allow ?? []).map((allowance) => ({
    allowance,
    spent: divergences.filter((one) => isFor(allowance, one)).reduce((sum, { count }) => sum + count, 0),
  }));
  for (const divergence of divergences) {
    const why = reasonToAllow(divergence, thresholds, budgets);
    if (why === undefined) gated.failing.push(divergence);
    else gated.allowed.push({ divergence, why });
  }
  return gated;
}

function reasonToAllow(
  divergence: Gateable,
  thresholds: Thresholds | undefined,
  budgets: readonly { allowance: Allowance; spent: number }[],
): string | undefined {
  if (divergence.known === true) return "known before the run";
  const failOn = thresholds?.failOn ?? "low";
  if (ranks[divergence.severity] < ranks[failOn]) return `below severity ${failOn}`;
  for (const { allowance, spent } of budgets) {
    if (isFor(allowance, divergence) && isWithin(allowance, divergence, spent)) return inWords(allowance);
  }
  return undefined;
}

function isFor({ severity, route, hop }: Allowance, one: Gateable): boolean {
  return (
    (severity === undefined || severity === one.severity) &&
    (route === undefined || route === one.route) &&
    (hop === undefined || hop === one.hop)
  );
}

function isWithin({ share, count }: Allowance, one: Gateable, spent: number): boolean {
  if (count !== undefined && spent > count) return false;
  return share === undefined || (one.of > 0 && one.count / one.of <= share);
}

function inWords({ severity, route, hop, share, count }: Allowance): string {
  const what = [severity, route, hop && `of ${hop}`].filter(Boolean).join(" ") || "any";
  const budget = [share !== undefined && `${share * 100} %`, count !== undefined && `${count} Steps`];
  return `within ${budget.filter(Boolean).join(" and ")} allowed for ${what}`;
}
