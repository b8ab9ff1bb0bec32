import { chanceOfNoise, significance } from "../../replayer/index.js";
import type { RunSummary } from "../../tape/index.js";
import type { Shown } from "./tally.js";

/** What is known of how often a fault fired. */
export interface Fired extends Pick<Shown, "steps" | "showed"> {
  name: string;
  /** How often the proxies of its callers injected it while it was on, as they count; absent where they do not tell. */
  injected?: number;
  /** Whether any of that proves that it fired. */
  isProven: boolean;
}

/**
 * Holds together what tells that a fault fired: the callers' proxies, answers that chance does not explain, and divergences
 * that the replay put down to it where noise was measured.
 */
export function firedOf(
  name: string,
  { steps, showed, against }: Shown,
  { injected, run }: { injected: number | undefined; run: RunSummary | undefined },
): Fired {
  const isShown = showed > 0 && (showed === steps || chanceOfNoise(showed, against) <= significance);
  const isFound = run?.noise !== undefined && run.divergences.some(({ faults = [] }) => faults.includes(name));
  return {
    ...{ name, steps, showed, isProven: (injected ?? 0) > 0 || isShown || isFound },
    ...(injected === undefined ? {} : { injected }),
  };
}

/** Why it cannot be said that the fault fired, in one sentence. */
export function whyUnproven({ name, steps, showed, injected }: Fired, obstacles: readonly string[]): string {
  if (steps === 0)
    return `fault ${name} was not met: no Step that was sent was marked for it (a Step is marked for the first fault that is for it)`;
  const answers = showed === 0 ? `none of its ${steps} Steps` : `only ${showed} of its ${steps} Steps`;
  const proxies = injected === undefined ? "its callers' proxies do not count it" : "its callers' proxies count none";
  const seen = obstacles.length === 0 ? "" : `; ${obstacles.join("; ")}`;
  return `fault ${name} is not known to have fired: ${answers} showed it, and ${proxies}${seen}`;
}
