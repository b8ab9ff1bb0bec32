import { type PairBudget, pairBudget } from "./align.js";
import { type ElementPairs, pairElements } from "./elements.js";
import type { BodyFindings, BodyPath } from "./findings.js";
import type { JsonIndex } from "./json-index.js";
import { haveSameKeys, pairMembers, sameBytes } from "./members.js";
import { type At, Places } from "./places.js";
import { changedValue, excerptOf, type JsonEncoding, severityOfNumbers, typeOfSign } from "./values.js";

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
  walk.compareRoots();
}

/** Elements that a difference of lengths names, and how much of each. */
const mostTold = 3;
const mostToldChars = 60;

class JsonWalk {
  readonly #ahead: Pair[] = [];
  readonly #budget: PairBudget = pairBudget();
  readonly #places: Places;

  constructor(
    private readonly left: JsonIndex,
    private readonly right: JsonIndex,
    private readonly encoding: JsonEncoding,
    private readonly findings: BodyFindings,
  ) {
    this.#places = new Places(encoding);
  }

  /** Of the whole texts. */
  compareRoots(): void {
    if (!this.#isSame(0, 0)) this.#compareUnlike(0, 0, undefined);
    this.#finish();
  }

  #isSame(expected: number, actual: number): boolean {
    const { left, right } = this;
    return left.hash(expected) === right.hash(actual) && sameBytes(left, expected, right, actual);
  }

  #compareMember(key: number, other: number, above: At | undefined): void {
    if (!this.#isSame(key + 1, other + 1))
      this.#compareUnlike(key + 1, other + 1, { above, index: this.left, token: key });
  }

  #compareElement(expected: number, actual: number, above: At | undefined, place: number): void {
    if (!this.#isSame(expected, actual))
      this.#compareUnlike(expected, actual, { above, index: undefined, token: place });
  }

  /** Settles scalars at once; containers of one type wait until they are taken up by `#finish`. */
  #compareUnlike(expected: number, actual: number, at: At | undefined): void {
    const type = typeOfSign(this.left.sign(expected));
    if (type !== typeOfSign(this.right.sign(actual))) this.#changedType(expected, actual, at);
    else if (type === "object" || type === "array") this.#ahead.push({ expected, actual, at });
    else this.#compareScalars(expected, actual, at, type);
  }

  #finish(): void {
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
    this.findings.add(this.#places.pathOf(at), found, this.left.start(expected), whole);
  }

  #compareScalars(expected: number, actual: number, at: At | undefined, type: string): void {
    // What would find no room is not even read: in a long list that is most of what differs.
    if (this.findings.isFull("changed-value", () => this.#places.groupOf(at))) return;
    const [before, after] = [this.#text(this.left, expected), this.#text(this.right, actual)];
    if (type === "string" && isSameString(before, after)) return;
    if (before === after) return;
    const severity = type === "number" ? severityOfNumbers(before, after) : "medium";
    this.findings.add(this.#places.pathOf(at), changedValue(before, after, severity), this.left.start(expected), [
      before,
      after,
    ]);
  }

  #compareMembers({ expected, actual, at }: Pair): void {
    const { left, right } = this;
    if (!haveSameKeys(left, expected, right, actual)) {
      this.#compareUnlikeMembers(expected, actual, at);
      return;
    }
    const end = left.next(expected);
    let other = actual + 1;
    for (let key = expected + 1; key < end; key = left.next(key + 1)) {
      this.#compareMember(key, other, at);
      other = right.next(other + 1);
    }
  }

  #compareUnlikeMembers(expected: number, actual: number, at: At | undefined): void {
    const { left, right, findings } = this;
    const { pairs, missing, added, repeated } = pairMembers(left, expected, right, actual);
    for (let one = 0; one < pairs.length; one += 2) this.#compareMember(pairs[one]!, pairs[one + 1]!, at);
    for (const [key, before, after] of repeated) {
      const found = { kind: "duplicate-key", severity: "high", expected: times(before), actual: times(after) } as const;
      findings.add(this.#member(left, key, at), found, left.start(key));
    }
    for (const key of missing) {
      if (this.#isFull("missing-field", left, key, at)) continue;
      const found = { kind: "missing-field", severity: "high", expected: this.#excerpt(key + 1) } as const;
      findings.add(this.#member(left, key, at), found, left.start(key));
    }
    for (const key of added) {
      if (this.#isFull("added-field", right, key, at)) continue;
      const found = { kind: "added-field", severity: "low", actual: this.#excerptOfActual(key + 1) } as const;
      findings.add(this.#member(right, key, at), found, left.end(expected));
    }
  }

  #isFull(kind: string, index: JsonIndex, key: number, above: At | undefined): boolean {
    return this.findings.isFull(kind, () => this.#places.groupOf({ above, index, token: key }));
  }

  #compareElements({ expected, actual, at }: Pair): void {
    const { left, right, findings } = this;
    const rule = findings.arrayAt(() => this.#places.pathOf(at));
    if (rule === undefined && hasFewUnlike(left, expected, right, actual)) {
      this.#compareByPlace(expected, actual, at);
      return;
    }
    const [from, to] = [elementsOf(left, expected), elementsOf(right, actual)];
    const paired = pairElements({ index: left, nodes: from }, { index: right, nodes: to }, rule, this.#budget);
    if (from.length !== to.length && !findings.isFull("array-length", () => this.#places.groupOf(at))) {
      const lengths = { expected: from.length, actual: to.length };
      const found = {
        kind: "array-length",
        severity: "high",
        ...lengths,
        ...this.#unpaired(paired, from, to),
      } as const;
      findings.add(this.#places.pathOf(at), found, left.start(expected));
    }
    if (paired === undefined) {
      this.#compareByPlace(expected, actual, at);
      return;
    }
    if (paired.moved > 0) {
      if (rule?.unordered !== undefined) rule.unordered();
      else this.#addOrder(paired, from.length, expected, at);
    }
    this.#compareStretch(from, 0, to, 0, paired.start, at);
    this.#compareStretch(from, from.length - paired.tail, to, to.length - paired.tail, paired.tail, at);
    const { partners } = paired;
    for (let one = paired.start; one < partners.length; one++)
      if (partners[one]! >= 0) this.#compareElement(from[one]!, to[partners[one]!]!, at, one);
    if (paired.named) this.#addLeftovers(paired, from, to, expected, at);
  }

  /** What the lengths alone tell of, as far as it is known which elements it is: it stands on one side only. */
  #unpaired(paired: ElementPairs | undefined, from: ArrayLike<number>, to: ArrayLike<number>): { unpaired?: string } {
    if (paired === undefined || paired.named) return {};
    const { missing, added } = paired;
    const places = missing.length > 0 ? missing : added;
    const inWords = (place: number) =>
      missing.length > 0 ? this.#excerpt(from[place]!) : this.#excerptOfActual(to[place]!);
    const told = places.slice(0, mostTold).map((place) => `${shortened(inWords(place))} at ${place}`);
    const more = places.length - told.length;
    return { unpaired: [told.join(", "), ...(more > 0 ? [`${more} more`] : [])].join(" and ") };
  }

  #compareByPlace(expected: number, actual: number, at: At | undefined): void {
    const { left, right } = this;
    const [end, otherEnd] = [left.next(expected), right.next(actual)];
    let [node, other] = [expected + 1, actual + 1];
    for (let place = 0; node < end && other < otherEnd; place++) {
      this.#compareElement(node, other, at, place);
      node = left.next(node);
      other = right.next(other);
    }
  }

  /** Elements whose hashes are equal, one with the other: most often their bytes are, all in one. */
  #compareStretch(
    from: ArrayLike<number>,
    first: number,
    to: ArrayLike<number>,
    second: number,
    count: number,
    at: At | undefined,
  ): void {
    if (count === 0) return;
    const { left, right } = this;
    const [start, end] = [left.start(from[first]!), left.end(from[first + count - 1]!)];
    const [other, otherEnd] = [right.start(to[second]!), right.end(to[second + count - 1]!)];
    if (end - start === otherEnd - other && left.text.compare(right.text, other, otherEnd, start, end) === 0) return;
    for (let nth = 0; nth < count; nth++) this.#compareElement(from[first + nth]!, to[second + nth]!, at, first + nth);
  }

  #addOrder({ moved, partners, start }: ElementPairs, length: number, expected: number, at: At | undefined): void {
    const first = Math.max(
      start,
      partners.findIndex((to, from) => from >= start && to >= 0 && to !== from),
    );
    const found = {
      kind: "changed-order",
      severity: "medium",
      expected: `${length} elements in order`,
      actual: `${moved} elsewhere; ${first} is at ${partners[first]}`,
    } as const;
    this.findings.add(this.#places.pathOf(at), found, this.left.start(expected));
  }

  #addLeftovers(
    { missing, added }: ElementPairs,
    from: ArrayLike<number>,
    to: ArrayLike<number>,
    expected: number,
    at: At | undefined,
  ): void {
    const path = (token: number) => this.#places.pathOf({ above: at, index: undefined, token });
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
    return this.#places.pathOf({ above: at, index, token: key });
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

function shortened(text: string): string {
  return text.length <= mostToldChars ? text : `${text.slice(0, mostToldChars - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** Equal once escapes are undone. */
function isSameString(before: string, after: string): boolean {
  return (before.includes("\\") || after.includes("\\")) && JSON.parse(before) === JSON.parse(after);
}

/** Whether two arrays are of one length, and at most one element differs from the other at its place. */
function hasFewUnlike(left: JsonIndex, expected: number, right: JsonIndex, actual: number): boolean {
  const [end, otherEnd] = [left.next(expected), right.next(actual)];
  let [node, other] = [expected + 1, actual + 1];
  let unlike = 0;
  while (node < end && other < otherEnd) {
    if (left.hash(node) !== right.hash(other) && ++unlike > 1) return false;
    node = left.next(node);
    other = right.next(other);
  }
  return node === end && other === otherEnd;
}

function elementsOf(index: JsonIndex, array: number): Int32Array {
  const end = index.next(array);
  // There are as many as nodes where none of them holds others.
  const elements = new Int32Array(end - array - 1);
  let count = 0;
  for (let node = array + 1; node < end; node = index.next(node)) elements[count++] = node;
  return count === elements.length ? elements : elements.slice(0, count);
}

function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}
