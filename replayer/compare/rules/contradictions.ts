import { OperatorError } from "../../../base/index.js";
import type { Address } from "./address.js";
import type { Rule } from "./rule.js";

/**
 * Refuses two rules of which one says what the other denies: two at one address for the same calls, but for `unordered`
 * beside `key`; and any rule within what an `ignore` for the same calls, or for all, already hides. Throws an
 * OperatorError that names both.
 */
export function refuseContradictions(rules: readonly Rule[], path: string): void {
  for (const [at, rule] of rules.entries()) {
    for (const other of rules.slice(at + 1)) {
      const why = contradiction(rule, other);
      if (why !== undefined) throw new OperatorError(`${path}: "${rule.text}" and "${other.text}": ${why}`);
    }
  }
}

function contradiction(one: Rule, other: Rule): string | undefined {
  const sameCalls = one.scope.text === other.scope.text;
  for (const [hiding, hidden] of [
    [one, other],
    [other, one],
  ] as const) {
    if (hiding.kind !== "ignore" || !isWithin(hidden.address, hiding.address)) continue;
    if (sameCalls || hiding.scope.text === "") return `what is ignored is not looked at; leave one of them out`;
  }
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
