import type { HopCall } from "./reading.js";

/** A call of one side and its partner on the other, with the calls it was made under on both. */
export interface CallPair {
  expected?: HopCall;
  actual?: HopCall;
  /** From the Step's own call down, that one left out. */
  above: readonly HopCall[];
}

/**
 * Pairs the calls below one Step: by callee, method and path, in order of time; what is left by route, for ids that were
 * made on the way. A call without a partner is left out when the one it was made under has none either.
 */
export function pairCalls(
  expected: readonly HopCall[],
  actual: readonly HopCall[],
  routeOf: (method: string, path: string) => string,
): CallPair[] {
  const partners = new Map<HopCall, HopCall>();
  pairBy(({ callee, method, path }) => JSON.stringify([callee, method, path]), expected, actual, partners);
  pairBy(({ callee, method, path }) => JSON.stringify([callee, routeOf(method, path)]), expected, actual, partners);
  const before = new CallTree(expected);
  const after = new CallTree(actual);
  const pairs: CallPair[] = [];
  for (const call of expected) {
    const partner = partners.get(call);
    const above = before.above(call);
    if (partner !== undefined)
      pairs.push({ expected: call, actual: partner, above: inBoth(above, after.above(partner), partners) });
    else if (above.every((one) => partners.has(one))) pairs.push({ expected: call, above });
  }
  for (const call of actual) {
    const above = after.above(call);
    if (!partners.has(call) && above.every((one) => partners.has(one))) pairs.push({ actual: call, above });
  }
  return pairs;
}

/** Pairs the n-th call of a key on one side with the n-th on the other, both ways, as far as both have one left. */
function pairBy(
  keyOf: (call: HopCall) => string,
  expected: readonly HopCall[],
  actual: readonly HopCall[],
  partners: Map<HopCall, HopCall>,
): void {
  const waiting = new Map<string, HopCall[]>();
  for (const call of actual) {
    if (partners.has(call)) continue;
    const key = keyOf(call);
    waiting.set(key, [...(waiting.get(key) ?? []), call]);
  }
  for (const call of expected) {
    if (partners.has(call)) continue;
    const partner = waiting.get(keyOf(call))?.shift();
    if (partner === undefined) continue;
    partners.set(call, partner);
    partners.set(partner, call);
  }
}

/** Calls that ran side by side may lie within each other on one side by chance; what made a call encloses it on both. */
function inBoth(
  above: readonly HopCall[],
  otherAbove: readonly HopCall[],
  partners: ReadonlyMap<HopCall, HopCall>,
): HopCall[] {
  const others = new Set(otherAbove);
  return above.filter((call) => others.has(partners.get(call)!));
}

/**
 * Who called whom: of the calls to its caller, where it names one, the shortest that a call lies within in time; else the
 * only one that began before it, for reports of proxies come late.
 */
class CallTree {
  readonly #parents = new Map<HopCall, HopCall>();

  constructor(calls: readonly HopCall[]) {
    for (const call of calls) {
      const around = calls.filter((other) => encloses(other, call) && mayHaveMade(other, call));
      const shortest = around.toSorted((one, other) => (durationNs(one) < durationNs(other) ? -1 : 1))[0];
      const parent = shortest ?? onlyEarlierToCallerOf(call, calls);
      if (parent !== undefined) this.#parents.set(call, parent);
    }
  }

  /** From the top down. */
  above(call: HopCall): HopCall[] {
    const above: HopCall[] = [];
    for (let parent = this.#parents.get(call); parent !== undefined; parent = this.#parents.get(parent))
      above.push(parent);
    return above.reverse();
  }
}

/** Strictly longer, so that no call is above itself by way of another. */
function encloses(outer: HopCall, inner: HopCall): boolean {
  return outer.startedNs <= inner.startedNs && outer.endedNs >= inner.endedNs && durationNs(outer) > durationNs(inner);
}

function durationNs({ startedNs, endedNs }: HopCall): bigint {
  return endedNs - startedNs;
}

function onlyEarlierToCallerOf(call: HopCall, calls: readonly HopCall[]): HopCall | undefined {
  if (call.caller === undefined) return undefined;
  const named = calls.filter((other) => other.startedNs < call.startedNs && mayHaveMade(other, call));
  return named.length === 1 ? named[0] : undefined;
}

/** Callers come as `name` or `name.namespace`. */
function mayHaveMade(outer: HopCall, inner: HopCall): boolean {
  if (inner.caller === undefined) return true;
  return inner.caller === outer.callee || inner.caller.split(".", 1)[0] === outer.callee.split(".", 1)[0];
}
