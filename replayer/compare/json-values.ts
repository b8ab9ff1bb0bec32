import { JsonNumber, JsonObject, type JsonTree } from "../../message/index.js";
import type { Severity } from "../../tape/index.js";
import { excerpt, excerptsAround, longestExcerpt } from "./excerpt.js";
import type { JsonDifference } from "./json-findings.js";

export type JsonType = "null" | "boolean" | "string" | "number" | "array" | "object";

export function typeOf(value: JsonTree): JsonType {
  if (value === null) return "null";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "string") return "string";
  if (value instanceof JsonNumber) return "number";
  return value instanceof JsonObject ? "object" : "array";
}

/** Two values of one scalar type that are written differently. */
export function changedValue(expected: string, actual: string, severity: Severity): JsonDifference {
  const isLong = Math.min(expected.length, actual.length) > longestExcerpt;
  const [left, right] = isLong ? excerptsAround(expected, actual) : [excerpt(expected), excerpt(actual)];
  return { kind: "changed-value", severity, expected: left, actual: right };
}

/** Numbers that are one number, written in two ways, are a low matter: most readers cannot tell them apart. */
export function severityOfNumbers(expected: string, actual: string): Severity {
  return canonicalNumber(expected) === canonicalNumber(actual) ? "low" : "medium";
}

/** Sign, digits without zeros at either end, and the power of ten of the last digit: exact, whatever the size. */
export function canonicalNumber(lexeme: string): string {
  const [, sign, integer, fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(lexeme) ?? [];
  if (integer === undefined) return lexeme;
  const digits = (integer + fraction).replace(/^0+/, "");
  const significant = withoutTrailingZeros(digits);
  if (significant === "") return "0";
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end--;
  return digits.slice(0, end);
}

/** A value as JSON text, cut when it is long; looks at no more of it than is shown. */
export function excerptOf(value: JsonTree): string {
  const pieces: string[] = [];
  let length = 0;
  /** Values still to be written, and text to be written between them; the last first. */
  const ahead: (JsonTree | { text: string })[] = [value];
  while (ahead.length > 0 && length <= longestExcerpt) {
    const next = ahead.pop()!;
    const text = isText(next) ? next.text : opening(next, ahead, longestExcerpt - length);
    pieces.push(text);
    length += text.length;
  }
  const text = pieces.join("");
  return ahead.length === 0 ? excerpt(text) : `${excerpt(text.slice(0, longestExcerpt))}…`;
}

/** The text of a scalar; of a container its opening bracket, with what follows put on the stack. */
function opening(value: JsonTree, ahead: (JsonTree | { text: string })[], roomLeft: number): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof JsonNumber) return value.lexeme;
  const children = value instanceof JsonObject ? value.values : value;
  // Each child takes a character at least, so more of them than there is room for are never shown.
  const shown = Math.min(children.length, roomLeft + 1);
  ahead.push({ text: value instanceof JsonObject ? "}" : "]" });
  for (let at = shown - 1; at >= 0; at--) {
    const name = value instanceof JsonObject ? `${JSON.stringify(value.keys[at])}:` : "";
    ahead.push(children[at]!, { text: (at > 0 ? "," : "") + name });
  }
  return value instanceof JsonObject ? "{" : "[";
}

function isText(value: JsonTree | { text: string }): value is { text: string } {
  return typeof value === "object" && value !== null && "text" in value;
}
