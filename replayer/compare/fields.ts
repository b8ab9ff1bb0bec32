import { replayMarks } from "../../base/index.js";
import {
  connectionOptions,
  type HeaderList,
  hopByHopFields,
  type Message,
  parseMediaType,
  volatileResponseFields,
} from "../../message/index.js";
import type { Difference, Severity } from "../../tape/index.js";
import { compareCookies } from "./cookies.js";
import { excerpt } from "./excerpt.js";

/** Compared with the body they describe, or one cookie at a time. */
const comparedElsewhere: ReadonlySet<string> = new Set(["content-encoding", "content-length", "set-cookie"]);
const marks: ReadonlySet<string> = new Set(Object.values(replayMarks));

/**
 * Compares header or trailer fields by lower-case name: repeated fields as ordered lists, `set-cookie` cookie by cookie.
 * Hop-by-hop and volatile ones, known by exact name, and our own marks are left out.
 */
export function compareFields(
  part: "header" | "trailer",
  expected: Message,
  actual: Message,
  ignored: ReadonlySet<string> = new Set(),
): Difference[] {
  const lists = part === "header" ? [expected.headers, actual.headers] : [expected.trailers, actual.trailers];
  if (areAlike(lists[0]!, lists[1]!)) return [];
  const named = new Set([...connectionOptions(expected.headers), ...connectionOptions(actual.headers)]);
  const isCompared = (name: string) =>
    !ignored.has(name) &&
    !named.has(name) &&
    !hopByHopFields.has(name) &&
    !volatileResponseFields.has(name) &&
    !marks.has(name);
  const [left, right] = lists.map((fields) => valuesByName(fields, isCompared)) as [Values, Values];
  const found: Difference[] = [];
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    if (comparedElsewhere.has(name)) continue;
    const difference = compareField(part, name, left.get(name), right.get(name));
    if (difference !== undefined) found.push(difference);
  }
  found.push(...compareCookies(part, left.get("set-cookie") ?? [], right.get("set-cookie") ?? []));
  return found;
}

/** The same fields in the same order, but for those that are never compared: that is most answers. */
export function areAlike(left: HeaderList, right: HeaderList): boolean {
  let at = 0;
  let other = 0;
  for (;;) {
    while (at < left.length && isNeverCompared(left[at]![0])) at++;
    while (other < right.length && isNeverCompared(right[other]![0])) other++;
    if (at === left.length || other === right.length) return at === left.length && other === right.length;
    if (left[at]![0] !== right[other]![0] || left[at]![1] !== right[other]![1]) return false;
    at++;
    other++;
  }
}

const neverCompared = new Map<string, boolean>();

/** By name as it came: lower-casing and judging a name costs more than finding it. */
function isNeverCompared(name: string): boolean {
  let known = neverCompared.get(name);
  if (known === undefined) {
    const lower = name.toLowerCase();
    known =
      hopByHopFields.has(lower) ||
      volatileResponseFields.has(lower) ||
      marks.has(lower) ||
      (comparedElsewhere.has(lower) && lower !== "set-cookie");
    // Names come from the traffic, so the memory of them is bounded.
    if (neverCompared.size >= 1024) neverCompared.clear();
    neverCompared.set(name, known);
  }
  return known;
}

type Values = Map<string, string[]>;

function valuesByName(fields: HeaderList, isCompared: (name: string) => boolean): Values {
  const values = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    if (!isCompared(lower)) continue;
    const list = values.get(lower);
    if (list === undefined) values.set(lower, [value]);
    else list.push(value);
  }
  return values;
}

function compareField(
  part: "header" | "trailer",
  name: string,
  expected: readonly string[] | undefined,
  actual: readonly string[] | undefined,
): Difference | undefined {
  const place = `${part}:${name}`;
  if (actual === undefined) return { kind: `missing-${part}`, place, severity: "high", expected: inWords(expected!) };
  if (expected === undefined)
    return { kind: `added-${part}`, place, severity: severityOfAdded(name), actual: inWords(actual) };
  if (expected.length === actual.length && expected.every((value, at) => value === actual[at])) return undefined;
  const severity = severityOfChange(name, expected, actual);
  return { kind: `changed-${part}`, place, severity, expected: inWords(expected), actual: inWords(actual) };
}

/** The status of a gRPC call is a field; where there was none, the call had not ended well. */
function severityOfAdded(name: string): Severity {
  return name === "grpc-status" ? "high" : "low";
}

function severityOfChange(name: string, expected: readonly string[], actual: readonly string[]): Severity {
  if (name === "grpc-status") return "high";
  return name === "content-type" && isSameMediaType(expected[0]!, actual[0]!) ? "low" : "medium";
}

/** Equal but for letter case, quotes and spaces. */
function isSameMediaType(expected: string, actual: string): boolean {
  const canonical = (value: string) => {
    const type = parseMediaType(value);
    return type && JSON.stringify([type.essence, [...type.parameters].sort()]).toLowerCase();
  };
  const left = canonical(expected);
  return left !== undefined && left === canonical(actual);
}

function inWords(values: readonly string[]): string {
  return excerpt(values.join(" | "));
}
