import { isUtf8 } from "node:buffer";
import { excerpt, excerptsAround, longestExcerpt } from "../excerpt.js";
import { align, pairBudget } from "../json/align.js";
import type { BodyKind, BodySides } from "./body-kind.js";

/** More lines than this are compared as one text. */
const mostLines = 200_000;

/**
 * Text line by line: `body:/7` is the seventh line of the expected side. Lines that were put in or taken out do not make
 * the ones after them differ. A text of one line is compared whole, at `body`.
 */
export const text: BodyKind = {
  name: "text",
  fits: ({ types, expected, actual }) =>
    (isUtf8(expected) && isUtf8(actual)) || types.every((type) => type !== undefined && isTextType(type.essence)),
  compare(sides) {
    const [left, right] = [linesOf(sides.expected, sides), linesOf(sides.actual, sides)];
    if (left.length < 2 || right.length < 2 || Math.max(left.length, right.length) > mostLines) compareWhole(sides);
    else compareLines(sides, left, right);
    return true;
  },
};

function isTextType(essence: string): boolean {
  return essence.startsWith("text/") || essence.endsWith("xml") || essence.endsWith("javascript");
}

/** Without what ends them: a line that ends otherwise is compared as one that reads otherwise. */
function linesOf(bytes: Buffer, { encoding, isPartial }: BodySides): string[] {
  const lines = bytes.toString(encoding).split("\n");
  if (lines.at(-1) === "" || (isPartial && lines.length > 1)) lines.pop();
  return lines;
}

function compareWhole({ expected, actual, encoding, findings }: BodySides): void {
  const [left, right] = [expected.toString(encoding), actual.toString(encoding)];
  addChanged(findings, [], left, right, 0);
}

function compareLines(
  { findings, expected, actual, isPartial }: BodySides,
  left: readonly string[],
  right: readonly string[],
): void {
  const before = findings.count;
  const identities = new Map<string, number>();
  const idsOf = (lines: readonly string[]) =>
    lines.map((line) => {
      if (!identities.has(line)) identities.set(line, identities.size);
      return identities.get(line)!;
    });
  const { start, tail, anchors, partners } = align(idsOf(left), idsOf(right), pairBudget());
  let [from, to] = [start, start];
  const end = left.length - tail;
  for (const nextFrom of [...anchors, end]) {
    const nextTo = nextFrom === end ? right.length - tail : partners[nextFrom]!;
    while (from < nextFrom && to < nextTo) addChanged(findings, [String(from + 1)], left[from]!, right[to++]!, ++from);
    for (; from < nextFrom; from++) {
      const found = { kind: "missing-text", severity: "medium", expected: excerpt(left[from]!) } as const;
      findings.add([String(from + 1)], found, from + 1);
    }
    for (; to < nextTo; to++) {
      findings.add([to + 1], { kind: "added-text", severity: "medium", actual: excerpt(right[to]!) }, from);
    }
    [from, to] = [nextFrom + 1, nextTo + 1];
  }
  // Equal lines and unequal bytes: one side ends its last line, the other does not.
  if (findings.count === before && !isPartial) addChanged(findings, [], tailOf(expected), tailOf(actual), left.length);
}

function tailOf(bytes: Buffer): string {
  return bytes.toString("latin1", Math.max(0, bytes.length - longestExcerpt / 2));
}

function addChanged(
  findings: BodySides["findings"],
  path: readonly string[],
  before: string,
  after: string,
  order: number,
): void {
  if (before === after) return;
  const isLong = Math.min(before.length, after.length) > longestExcerpt;
  const [expected, actual] =
    isLong || path.length === 0 ? excerptsAround(before, after) : [excerpt(before), excerpt(after)];
  findings.add(path, { kind: "changed-text", severity: "medium", expected, actual }, order, [before, after]);
}
