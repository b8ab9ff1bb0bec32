import { OperatorError } from "../../../base/index.js";
import type { Address } from "./address.js";
import type { Rule } from "./rule.js";

/**
 * Refuses two rules of which one says what the other denies: two at one address for the same calls, but for `unordered`
 * beside `key`; and any rule within what an `ignore` for the same calls, or for all, already hides. Throws an
 * OperatorError that names both.
 */
export function refuseContradictions(rules: readonly Rule[], path: string): void {
  const byPlace = new Map<string, Rule[]>();
  for (const rule of rules) {
    const key = keyOf(rule.address.part, rule.scope.text, rule.address.tokens);
    const there = byPlace.get(key);
    if (there === undefined) byPlace.set(key, [rule]);
    else there.push(rule);
  }
  for (const rule of rules) {
    for (const other of mayContradict(rule, byPlace)) {
      const why = contradiction(rule, other);
      if (why !== undefined) throw new OperatorError(`${path}: "${rule.text}" and "${other.text}": ${why}`);
    }
  }
}

function keyOf(part: Address["part"], scope: string, tokens: readonly string[]): string {
  return JSON.stringify([part, scope, ...tokens]);
}

/** Those at its address or around it, for the same calls or for all: two of each place are enough, as two contradict. */
function* mayContradict(rule: Rule, byPlace: ReadonlyMap<string, readonly Rule[]>): Generator<Rule> {
  const { part, tokens } = rule.address;
  for (let length = tokens.length; length >= 0; length--) {
    for (const scope of new Set([rule.scope.text, ""])) {
      const there = byPlace.get(keyOf(part, scope, tokens.slice(0, length))) ?? [];
      for (const other of there.slice(0, 3)) if (other !== rule) yield other;
    }
  }
}

function contradiction(one: Rule, other: Rule): string | undefined {
  const sameCalls = one.scope.text === other.scope.text;
  if (other.kind === "ignore" || (one.kind === "ignore" && sameCalls && isSamePlace(one.address, other.address)))
    return `what is ignored is not looked at; leave one of them out`;
  if (!sameCalls || !isSamePlace(one.address, other.address)) return undefined;
  const kinds = [one.kind, other.kind].sort().join();
  return kinds === "key,unordered"
    ? undefined
    : "they are for one address of the same calls; keep the one that is meant";
}

function isSamePlace(one: Address, other: Address): boolean {
  return isWithin(one, other) && isWithin(other, one);
}

function isWithin(inner: Address, outer: Address): boolean {
  return inner.part === outer.part && outer.tokens.every((token, at) => token === inner.tokens[at]);
}
