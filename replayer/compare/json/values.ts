import type { Severity } from "../../../tape/index.js";
import { excerpt, excerptsAround, longestExcerpt } from "../excerpt.js";
import type { BodyDifference } from "./findings.js";
import type { JsonIndex } from "./json-index.js";

export type JsonType = "null" | "boolean" | "string" | "number" | "array" | "object";

/** By the first byte of a value. */
export function typeOfSign(sign: number): JsonType {
  switch (sign) {
    case 0x7b:
      return "object";
    case 0x5b:
      return "array";
    case 0x22:
      return "string";
    case 0x74:
    case 0x66:
      return "boolean";
    case 0x6e:
      return "null";
    default:
      return "number";
  }
}

/** Two values of one scalar type that are written differently. */
export function changedValue(expected: string, actual: string, severity: Severity): BodyDifference {
  const isLong = Math.min(expected.length, actual.length) > longestExcerpt;
  const [left, right] = isLong ? excerptsAround(expected, actual) : [excerpt(expected), excerpt(actual)];
  return { kind: "changed-value", severity, expected: left, actual: right };
}

/** Numbers that are one number, written in two ways, are a low matter: most readers cannot tell them apart. */
export function severityOfNumbers(expected: string, actual: string): Severity {
  // What is not equal when rounded was not equal before.
  if (Number(expected) !== Number(actual)) return "medium";
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

/** How bytes are read as text: as latin1 when they are no UTF-8, for replacement characters would make them equal. */
export type JsonEncoding = "utf8" | "latin1";

/** A value as JSON text without white space between tokens, cut when it is long; looks at no more of it than is shown. */
export function excerptOf(index: JsonIndex, node: number, encoding: JsonEncoding): string {
  const [start, end] = [index.start(node), index.end(node)];
  // Every character is four bytes at most; white space between tokens may be any number, so some is looked past.
  const most = longestExcerpt * 8;
  if (end - start > most) {
    const begun = withoutSpace(index.text.toString(encoding, start, start + most));
    return `${excerpt(begun.slice(0, longestExcerpt))}…`;
  }
  const text = index.text.toString(encoding, start, end);
  const sign = index.sign(node);
  return excerpt(sign === 0x7b || sign === 0x5b ? withoutSpace(text) : text);
}

/** Without the white space between tokens; that in strings stays. */
function withoutSpace(json: string): string {
  return /[\n\r\t ]/.test(json) ? json.replace(/("(?:[^"\\]|\\.)*"?)|[\n\r\t ]+/gs, "$1") : json;
}
