import { escapePointerToken } from "../../../message/index.js";
import { type PairBudget, pairBudget } from "./align.js";
import { type ElementPairs, pairElements } from "./elements.js";
import type { BodyFindings, BodyPath } from "./findings.js";
import type { JsonIndex } from "./json-index.js";
import { keyText } from "./keys.js";
import { membersOf, type PairedMembers, pairMembers, sameBytes } from "./members.js";
import { changedValue, excerptOf, type JsonEncoding, severityOfNumbers, typeOfSign } from "./values.js";

/** A container's place, linked upwards: paths are written out only where something differs. */
interface At {
  above: At | undefined;
  token: string | number;
  /** The grouped place, once it was asked for. */
  grouped?: string;
}

interface Pair {
  expected: number;
  actual: number;
  at: At | undefined;
}

/** Compares two indexed texts of any depth, iteratively; what is equal byte for byte is not looked into. */
export function compareIndexed(
  left: JsonIndex,
  right: JsonIndex,
  encoding: JsonEncoding,
  findings: BodyFindings,
): void {
  const walk = new JsonWalk(left, right, encoding, findings);
  walk.compare(0, 0, undefined);
  walk.finish();
}

class JsonWalk {
  readonly #ahead: Pair[] = [];
  readonly #budget: PairBudget = pairBudget();

  constructor(
    private readonly left: JsonIndex,
    private readonly right: JsonIndex,
    private readonly encoding: JsonEncoding,
    private readonly findings: BodyFindings,
  ) {}

  /** Settles scalars at once; containers of one type wait for {@link finish}. */
  compare(expected: number, actual: number, above: At | undefined, token?: string | number): void {
    const { left, right } = this;
    if (left.hash(expected) === right.hash(actual) && sameBytes(left, expected, right, actual)) return;
    const type = typeOfSign(left.sign(expected));
    const at = token === undefined ? above : { above, token };
    if (type !== typeOfSign(right.sign(actual))) this.#changedType(expected, actual, at);
    else if (type === "object" || type === "array") this.#ahead.push({ expected, actual, at });
    else this.#compareScalars(expected, actual, at, type);
  }

  finish(): void {
    for (let pair = this.#ahead.pop(); pair !== undefined; pair = this.#ahead.pop()) {
      if (this.left.sign(pair.expected) === 0x7b) this.#compareMembers(pair);
      else this.#compareElements(pair);
    }
  }

  #changedType(expected: number, actual: number, at: At | undefined): void {
    const expectedType = typeOfSign(this.left.sign(expected));
    const actualType = typeOfSign(this.right.sign(actual));
    const sides = { expected: this.#excerpt(expected), actual: this.#excerptOfActual(actual) };
    const whole = [this.#text(this.left, expected), this.#text(this.right, actual)] as const;
    const found = { kind: "changed-type", severity: "high", ...sides, expectedType, actualType } as const;
    this.findings.add(pathOf(at), found, this.left.start(expected), whole);
  }

  #compareScalars(expected: number, actual: number, at: At | undefined, type: string): void {
    // What would find no room is not even read: in a long list that is most of what differs.
    if (this.findings.isFull("changed-value", () => groupedOf(at))) return;
    const [before, after] = [this.#text(this.left, expected), this.#text(this.right, actual)];
    if (type === "string" && isSameString(before, after)) return;
    if (before === after) return;
    const severity = type === "number" ? severityOfNumbers(before, after) : "medium";
    this.findings.add(pathOf(at), changedValue(before, after, severity), this.left.start(expected), [before, after]);
  }

  #compareMembers({ expected, actual, at }: Pair): void {
    const { left, right } = this;
    const [keys, others] = [membersOf(left, expected), membersOf(right, actual)];
    const { pairs, missing, added, repeated }: PairedMembers = pairMembers(left, keys, right, others);
    for (const [key, other] of pairs) {
      if (left.hash(key + 1) === right.hash(other + 1) && sameBytes(left, key + 1, right, other + 1)) continue;
      this.compare(key + 1, other + 1, at, keyText(left, key, this.encoding));
    }
    for (const [key, before, after] of repeated) {
      const sides = { expected: times(before), actual: times(after) };
      this.findings.add(
        this.#member(left, key, at),
        { kind: "duplicate-key", severity: "high", ...sides },
        left.start(key),
      );
    }
    for (const key of missing) {
      const found = { kind: "missing-field", severity: "high", expected: this.#excerpt(key + 1) } as const;
      this.findings.add(this.#member(left, key, at), found, left.start(key));
    }
    for (const key of added) {
      if (
        this.findings.isFull("added-field", () => groupedOf({ above: at, token: keyText(right, key, this.encoding) }))
      )
        continue;
      const found = { kind: "added-field", severity: "low", actual: this.#excerptOfActual(key + 1) } as const;
      this.findings.add(this.#member(right, key, at), found, left.end(expected));
    }
  }

  #compareElements({ expected, actual, at }: Pair): void {
    const { left, right, findings } = this;
    const [from, to] = [elementsOf(left, expected), elementsOf(right, actual)];
    const rule = findings.arrayAt(() => pathOf(at));
    const paired = pairElements({ index: left, nodes: from }, { index: right, nodes: to }, rule, this.#budget);
    if (from.length !== to.length) {
      const found = { kind: "array-length", severity: "high", expected: from.length, actual: to.length } as const;
      findings.add(pathOf(at), found, left.start(expected));
    }
    if (paired === undefined) {
      const shorter = Math.min(from.length, to.length);
      for (let place = 0; place < shorter; place++) this.compare(from[place]!, to[place]!, at, place);
      return;
    }
    if (paired.moved > 0) {
      if (rule?.unordered !== undefined) rule.unordered();
      else this.#addOrder(paired, from.length, expected, at);
    }
    for (let place = 0; place < paired.start; place++) this.compare(from[place]!, to[place]!, at, place);
    for (let back = paired.tail; back > 0; back--)
      this.compare(from[from.length - back]!, to[to.length - back]!, at, from.length - back);
    for (const [one, other] of paired.pairs) this.compare(from[one]!, to[other]!, at, one);
    if (paired.named) this.#addLeftovers(paired, from, to, expected, at);
  }

  #addOrder({ moved, pairs }: ElementPairs, length: number, expected: number, at: At | undefined): void {
    const first = pairs.find(([from, to]) => from !== to) ?? [0, 0];
    const found = {
      kind: "changed-order",
      severity: "medium",
      expected: `${length} elements in order`,
      actual: `${moved} elsewhere; ${first[0]} is at ${first[1]}`,
    } as const;
    this.findings.add(pathOf(at), found, this.left.start(expected));
  }

  #addLeftovers(
    { missing, added }: ElementPairs,
    from: readonly number[],
    to: readonly number[],
    expected: number,
    at: At | undefined,
  ): void {
    const path = (token: number) => pathOf({ above: at, token });
    for (const place of missing) {
      const found = { kind: "missing-element", severity: "high", expected: this.#excerpt(from[place]!) } as const;
      this.findings.add(path(place), found, this.left.start(from[place]!));
    }
    for (const place of added) {
      const found = { kind: "added-element", severity: "medium", actual: this.#excerptOfActual(to[place]!) } as const;
      this.findings.add(path(place), found, this.left.end(expected));
    }
  }

  #member(index: JsonIndex, key: number, at: At | undefined): BodyPath {
    return pathOf({ above: at, token: keyText(index, key, this.encoding) });
  }

  #text(index: JsonIndex, node: number): string {
    return index.text.toString(this.encoding, index.start(node), index.end(node));
  }

  #excerpt(node: number): string {
    return excerptOf(this.left, node, this.encoding);
  }

  #excerptOfActual(node: number): string {
    return excerptOf(this.right, node, this.encoding);
  }
}

/** Equal once escapes are undone. */
function isSameString(before: string, after: string): boolean {
  return (before.includes("\\") || after.includes("\\")) && JSON.parse(before) === JSON.parse(after);
}

function elementsOf(index: JsonIndex, array: number): number[] {
  const elements: number[] = [];
  const end = index.next(array);
  for (let node = array + 1; node < end; node = index.next(node)) elements.push(node);
  return elements;
}

function pathOf(at: At | undefined): BodyPath {
  const tokens: (string | number)[] = [];
  for (let here = at; here !== undefined; here = here.above) tokens.push(here.token);
  return tokens.reverse();
}

/** As a group names it: `*` for array indexes. */
function groupedOf(at: At | undefined): string {
  if (at === undefined) return "body";
  // Containers are begun from the outside in, so most of the way is there; the rest is walked, never called into.
  const below: At[] = [];
  let here: At | undefined = at;
  for (; here !== undefined && here.grouped === undefined; here = here.above) below.push(here);
  let grouped = here?.grouped ?? "body:";
  for (let one = below.pop(); one !== undefined; one = below.pop()) {
    grouped += typeof one.token === "number" ? "/*" : `/${escapePointerToken(one.token)}`;
    one.grouped = grouped;
  }
  return grouped;
}

function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}
