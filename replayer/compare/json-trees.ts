import { JsonNumber, JsonObject, type JsonTree } from "../../message/index.js";
import { alignElements, pairBudget } from "./json-arrays.js";
import type { JsonFindings, JsonPath } from "./json-findings.js";
import { hasSameKeys, isSameScalar, membersByKey } from "./json-same.js";
import { changedValue, excerptOf, severityOfNumbers, typeOf } from "./json-values.js";

/** A container's place, linked upwards: paths are written out only where something differs. */
interface At {
  above: At | undefined;
  token: string | number;
}

interface Pair {
  expected: JsonObject | readonly JsonTree[];
  actual: JsonObject | readonly JsonTree[];
  at: At | undefined;
}

/** Compares two parsed values of any depth, iteratively: never one side only. */
export function compareTrees(expected: JsonTree, actual: JsonTree, findings: JsonFindings): void {
  const walk = new TreeWalk(findings);
  walk.compare(expected, actual, undefined);
  walk.finish();
}

class TreeWalk {
  readonly #ahead: Pair[] = [];
  readonly #budget = pairBudget();
  readonly #findings: JsonFindings;

  constructor(findings: JsonFindings) {
    this.#findings = findings;
  }

  /** Settles scalars at once; containers of one type wait for {@link finish}. */
  compare(expected: JsonTree, actual: JsonTree, above: At | undefined, token?: string | number): void {
    const [expectedType, actualType] = [typeOf(expected), typeOf(actual)];
    const at = () => (token === undefined ? above : { above, token });
    if (expectedType !== actualType) {
      const sides = { expected: excerptOf(expected), actual: excerptOf(actual), expectedType, actualType };
      this.#findings.add(pathOf(at()), { kind: "changed-type", severity: "high", ...sides });
    } else if (isContainer(expected) && isContainer(actual)) {
      this.#ahead.push({ expected, actual, at: at() });
    } else if (!isSameScalar(expected, actual)) {
      const [before, after] = [lexemeOf(expected), lexemeOf(actual)];
      const severity = expectedType === "number" ? severityOfNumbers(before, after) : "medium";
      this.#findings.add(pathOf(at()), changedValue(before, after, severity));
    }
  }

  finish(): void {
    for (let pair = this.#ahead.pop(); pair !== undefined; pair = this.#ahead.pop()) {
      const { expected, actual, at } = pair;
      if (expected instanceof JsonObject && actual instanceof JsonObject) this.#compareMembers(expected, actual, at);
      else this.#compareElements(expected as readonly JsonTree[], actual as readonly JsonTree[], at);
    }
  }

  #compareMembers(expected: JsonObject, actual: JsonObject, at: At | undefined): void {
    if (hasSameKeys(expected, actual)) {
      for (const [index, key] of expected.keys.entries()) {
        this.compare(expected.values[index]!, actual.values[index]!, at, key);
      }
      return;
    }
    const left = membersByKey(expected);
    const right = membersByKey(actual);
    for (const [key, before] of left) this.#compareMember(key, before, right.get(key), at);
    for (const [key, after] of right) {
      if (left.has(key)) continue;
      const actualText = excerptOf(after[0]!);
      this.#findings.add(pathOf({ above: at, token: key }), {
        kind: "added-field",
        severity: "low",
        actual: actualText,
      });
    }
  }

  #compareMember(
    key: string,
    before: readonly JsonTree[],
    after: readonly JsonTree[] | undefined,
    at: At | undefined,
  ): void {
    const path = () => pathOf({ above: at, token: key });
    if (after === undefined) {
      this.#findings.add(path(), { kind: "missing-field", severity: "high", expected: excerptOf(before[0]!) });
      return;
    }
    if (before.length !== after.length) {
      const sides = { expected: times(before.length), actual: times(after.length) };
      this.#findings.add(path(), { kind: "duplicate-key", severity: "high", ...sides });
    }
    for (let nth = 0; nth < Math.min(before.length, after.length); nth++) {
      this.compare(before[nth]!, after[nth]!, at, key);
    }
  }

  #compareElements(expected: readonly JsonTree[], actual: readonly JsonTree[], at: At | undefined): void {
    if (expected.length === actual.length) {
      for (const [index, element] of expected.entries()) this.compare(element, actual[index]!, at, index);
      return;
    }
    const lengths = { expected: expected.length, actual: actual.length };
    this.#findings.add(pathOf(at), { kind: "array-length", severity: "high", ...lengths });
    for (const [from, to] of alignElements(expected, actual, this.#budget))
      this.compare(expected[from]!, actual[to]!, at, from);
  }
}

function pathOf(at: At | undefined): JsonPath {
  const tokens: (string | number)[] = [];
  for (let here = at; here !== undefined; here = here.above) tokens.push(here.token);
  return tokens.reverse();
}

function isContainer(value: JsonTree): value is JsonObject | readonly JsonTree[] {
  return value instanceof JsonObject || Array.isArray(value);
}

function lexemeOf(value: JsonTree): string {
  return value instanceof JsonNumber ? value.lexeme : JSON.stringify(value);
}

function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}
