import { parseBytes, parseDuration } from "../../base/index.js";
import type { NumberKind } from "./fields.js";
import { fitsGlob } from "./glob.js";
import type { JsonValue } from "./json-values.js";
import type { Operator } from "./syntax.js";

/** Whether one condition holds for the values its field has. */
export type ValueTest<T> = (values: readonly T[]) => boolean;

/** Why a condition cannot be read; the caller adds the place. */
export class ConditionRefused extends Error {}

/** A regular expression looks at so many characters of a value; what one takes can grow with the square of that, or worse. */
const mostPatternCharacters = 262_144;

/** Operators whose time nobody can bound. */
export function isPattern(operator: Operator): boolean {
  return operator === "~" || operator === "!~";
}

/**
 * Text: `=` equal, `^=` begins with, `$=` ends with, `*=` contains, `like` fits a shell's pattern, `~` matches the regular
 * expression anywhere; with several values one is enough. `!=` and `!~` hold when no value does, so also when there is none.
 */
export function textTest(operator: Operator, wanted: string, ignoreCase: boolean): ValueTest<string> {
  const test = oneText(operator, wanted, ignoreCase);
  return either(operator !== "!=" && operator !== "!~", test);
}

function oneText(operator: Operator, given: string, ignoreCase: boolean): (value: string) => boolean {
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  const wanted = isPattern(operator) ? given : fold(given);
  switch (operator) {
    case "=":
    case "!=":
      return (value) => fold(value) === wanted;
    case "^=":
      return (value) => fold(value).startsWith(wanted);
    case "$=":
      return (value) => fold(value).endsWith(wanted);
    case "*=":
      return (value) => fold(value).includes(wanted);
    case "like":
      return (value) => fitsGlob(fold(value), wanted);
    case "~":
    case "!~": {
      const pattern = patternOf(wanted, ignoreCase);
      return (value) => pattern.test(value.slice(0, mostPatternCharacters));
    }
    default:
      throw new ConditionRefused(`"${operator}" compares numbers, and this field is text: use = != ^= $= *= like ~ !~`);
  }
}

/** Numbers, also with the operators of text on how they are written; `5xx` is a class of status. */
export function numberTest(kind: NumberKind, operator: Operator, wanted: string): ValueTest<number> {
  if (!comparesNumbers(operator)) {
    const test = textTest(operator, wanted, false);
    return (values) => test(values.map(String));
  }
  if (kind === "status" && /^[1-5]xx$/i.test(wanted)) return classTest(operator, Number(wanted[0]));
  const number = numberOf(kind, wanted);
  return either(operator !== "!=", comparison(operator, number));
}

/** JSON values: numbers by number where both sides are one, all others as text. */
export function jsonTest(operator: Operator, wanted: string): ValueTest<JsonValue> {
  if (!comparesNumbers(operator)) {
    const test = textTest(operator, wanted, false);
    return (values) => test(values.map((value) => value.text));
  }
  const number = plainNumber(wanted);
  const compare = number === undefined ? undefined : comparison(operator, number);
  if (operator === "=" || operator === "!=") {
    // Integers beyond 2^53 may differ though their doubles are the same.
    const exact = number !== undefined && Math.abs(number) <= Number.MAX_SAFE_INTEGER;
    return either(
      operator === "=",
      ({ text, number: value }) => text === wanted || (exact && value !== undefined && compare!(value)),
    );
  }
  if (compare === undefined) throw new ConditionRefused(`expected a number like 17, saw "${wanted}"`);
  return either(true, (value) => value.number !== undefined && compare(value.number));
}

function comparesNumbers(operator: Operator): boolean {
  return ["=", "!=", "<", "<=", ">", ">="].includes(operator);
}

function classTest(operator: Operator, wanted: number): ValueTest<number> {
  const compare = comparison(operator, wanted);
  return either(operator !== "!=", (status) => compare(Math.floor(status / 100)));
}

function either<T>(positive: boolean, test: (value: T) => boolean): ValueTest<T> {
  return positive ? (values) => values.some(test) : (values) => !values.some(test);
}

/** `!=` compares as `=`: what it holds for is turned round by who asks. */
function comparison(operator: Operator, wanted: number): (value: number) => boolean {
  switch (operator) {
    case "<":
      return (value) => value < wanted;
    case "<=":
      return (value) => value <= wanted;
    case ">":
      return (value) => value > wanted;
    case ">=":
      return (value) => value >= wanted;
    default:
      return (value) => value === wanted;
  }
}

const examples: Readonly<Record<NumberKind, string>> = {
  number: "17",
  status: "404 or 5xx",
  duration: "250ms or 1.5s",
  time: "2026-01-31T12:00:00Z",
  bytes: "64KiB or 1048576",
  share: "10% or 0.1",
};

function numberOf(kind: NumberKind, wanted: string): number {
  const number = read(kind, wanted);
  if (number !== undefined && !Number.isNaN(number)) return number;
  throw new ConditionRefused(`expected a ${kind} like ${examples[kind]}, saw "${wanted}"`);
}

function read(kind: NumberKind, wanted: string): number | undefined {
  switch (kind) {
    case "time":
      return timeMs(wanted);
    case "duration":
      return plainNumber(wanted) ?? parseDuration(wanted);
    case "bytes":
      return parseBytes(wanted);
    case "share":
      return wanted.endsWith("%") ? (plainNumber(wanted.slice(0, -1)) ?? Number.NaN) / 100 : plainNumber(wanted);
    default:
      return plainNumber(wanted);
  }
}

function plainNumber(wanted: string): number | undefined {
  return /^-?\d+(?:\.\d+)?$/.test(wanted) ? Number(wanted) : undefined;
}

/** Milliseconds since the epoch, from RFC 3339 text, or nanoseconds since the epoch. */
export function timeMs(wanted: string): number | undefined {
  if (/^\d{16,}$/.test(wanted)) return Number(BigInt(wanted) / 1000n) / 1000;
  return /^\d{4}-\d{2}/.test(wanted) ? Date.parse(wanted) : undefined;
}

function patternOf(source: string, ignoreCase: boolean): RegExp {
  try {
    return new RegExp(source, ignoreCase ? "i" : "");
  } catch (thrown) {
    const reason = (thrown as Error).message.split(": ").at(-1);
    throw new ConditionRefused(`${JSON.stringify(source)} is no regular expression (${reason})`);
  }
}
