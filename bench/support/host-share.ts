import { readFileSync } from "node:fs";

/**
 * How much of this machine's CPU time its host gave to other machines since it was last asked, 0 to 1: time in which whoever
 * wanted to run here did not. What a clock says of a round in which that is much says little. 0 where the system does not tell.
 */
export function openHostShare(): () => number {
  let before = read();
  return () => {
    const now = read();
    const took = now.took - before.took;
    const all = now.all - before.all;
    before = now;
    return all > 0 ? took / all : 0;
  };
}

/** Of all processors together, in ticks: user, nice, system, idle, iowait, irq, softirq, steal (proc_stat(5)). */
function read(): { took: number; all: number } {
  try {
    const ticks = readFileSync("/proc/stat", "utf8").split("\n", 1)[0]!.trim().split(/ +/).slice(1, 9).map(Number);
    return { took: ticks[7] ?? 0, all: ticks.reduce((sum, one) => sum + one, 0) };
  } catch {
    return { took: 0, all: 0 };
  }
}

/** Rounds that are kept of those that are run. */
export interface QuietRounds {
  /** So many are wanted; a round more is run for each that is not quiet, up to ten times as many. */
  wanted: number;
  /** A round in which the host took more than this is not kept. */
  mostTaken: number;
}

/**
 * Runs rounds until enough were quiet, after a first one, or `warmUp`, for warming up alone; gives what was kept, and the
 * host's shares of all in words. Where none was quiet all are kept, which the words say.
 */
export async function quietRounds<T>(
  { wanted, mostTaken }: QuietRounds,
  round: () => Promise<T>,
  warmUp: () => Promise<unknown> = round,
): Promise<{ kept: T[]; inWords: string }> {
  const share = openHostShare();
  await warmUp();
  share();
  const all: { result: T; taken: number }[] = [];
  const quiet = () => all.filter(({ taken }) => taken <= mostTaken);
  while (quiet().length < wanted && all.length < 10 * wanted) {
    const result = await round();
    all.push({ result, taken: share() });
  }
  const kept = quiet().length > 0 ? quiet() : all;
  const shares = (of: typeof all) => of.map(({ taken }) => `${Math.round(taken * 100)} %`).join(", ");
  const left = all.length - quiet().length;
  const noisy = left === 0 ? "" : `; ${left} rounds in which it took over ${mostTaken * 100} % are`;
  const fate = left === 0 ? "" : quiet().length > 0 ? " left out" : " all there were, and kept";
  return { kept: kept.map(({ result }) => result), inWords: `the machine's host took ${shares(kept)}${noisy}${fate}` };
}
