import { type FaultWish, hasLabels, type InjectedFaults } from "../../mesh/index.js";

/**
 * How often each fault was injected between two looks at the callers' proxies, by its name. Pure. A proxy counts kinds and
 * knows no names: a kind that two faults have, and a fault none of whose callers tells, is left out.
 */
export function injectedBetween(
  wishes: readonly FaultWish[],
  before: readonly InjectedFaults[],
  now: readonly InjectedFaults[],
): Map<string, number> {
  const found = new Map<string, number>();
  for (const { name, faults, from = {} } of wishes) {
    const others = wishes.filter((other) => other.name !== name).flatMap((other) => other.faults);
    const callers = now.filter(({ labels }) => hasLabels(labels, from));
    const own = faults
      .map(({ kind }) => kind)
      .filter((kind) => !others.some((other) => other.kind === kind) && callers.some(({ counts }) => kind in counts));
    if (own.length === 0) continue;
    const injected = own.map((kind) => callers.reduce((sum, caller) => sum + risen(caller, before, kind), 0));
    // A call that is delayed and then aborted is counted under both.
    found.set(name, Math.max(...injected));
  }
  return found;
}

/** A proxy that began anew counts from nought. */
function risen({ pod, counts }: InjectedFaults, before: readonly InjectedFaults[], kind: string): number {
  const was = before.find((one) => one.pod === pod)?.counts[kind] ?? 0;
  const is = counts[kind] ?? 0;
  return is >= was ? is - was : is;
}
