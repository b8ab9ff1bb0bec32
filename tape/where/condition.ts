import { parseDuration } from "../../base/index.js";
import type { WhereField } from "./fields.js";
import type { Operator } from "./syntax.js";

/** Whether one condition holds for the values its field has. */
export type ValueTest<T> = (values: readonly T[]) => boolean;

/** Why a condition cannot be read; the caller adds the place. */
export class ConditionRefused extends Error {}

/**
 * Text: `=` equal, `^=` begins with, `~` matches the regular expression anywhere; with several values one is enough. `!=`
 * and `!~` hold when no value does, so also when there is none.
 */
export function textTest(operator: Operator, wanted: string, ignoreCase: boolean): ValueTest<string> {
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  switch (operator) {
    case "=":
    case "!=":
      return either(operator === "=", (value) => fold(value) === fold(wanted));
    case "^=":
      return (values) => values.some((value) => fold(value).startsWith(fold(wanted)));
    case "~":
    case "!~": {
      const pattern = patternOf(wanted, ignoreCase);
      return either(operator === "~", (value) => pattern.test(value));
    }
    default:
      throw new ConditionRefused(`"${operator}" compares numbers, and this field is text: use = != ^= ~ !~`);
  }
}

/** Numbers, also with `^=` and `~` on how they are written; `5xx` is a class of status. */
export function numberTest(kind: WhereField["kind"], operator: Operator, wanted: string): ValueTest<number> {
  if (operator === "^=" || operator === "~" || operator === "!~") {
    const test = textTest(operator, wanted, false);
    return (values) => test(values.map(String));
  }
  if (kind === "status" && /^[1-5]xx$/i.test(wanted)) return classTest(operator, Number(wanted[0]));
  const number = numberOf(kind, wanted);
  return either(operator !== "!=", comparison(operator === "!=" ? "=" : operator, number));
}

function classTest(operator: Operator, wanted: number): ValueTest<number> {
  const compare = comparison(operator === "!=" ? "=" : operator, wanted);
  return either(operator !== "!=", (status) => compare(Math.floor(status / 100)));
}

function either<T>(positive: boolean, test: (value: T) => boolean): ValueTest<T> {
  return positive ? (values) => values.some(test) : (values) => !values.some(test);
}

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

function numberOf(kind: WhereField["kind"], wanted: string): number {
  if (kind === "time") return timeMs(wanted);
  if (/^-?\d+(?:\.\d+)?$/.test(wanted)) return Number(wanted);
  const ms = kind === "duration" ? parseDuration(wanted) : undefined;
  if (ms !== undefined) return ms;
  const example = kind === "duration" ? "250ms or 1.5s" : kind === "status" ? "404 or 5xx" : "17";
  throw new ConditionRefused(`expected a ${kind} like ${example}, saw "${wanted}"`);
}

/** Milliseconds since the epoch, from RFC 3339 text, or nanoseconds since the epoch. */
function timeMs(wanted: string): number {
  if (/^\d{16,}$/.test(wanted)) return Number(BigInt(wanted) / 1000n) / 1000;
  const ms = /^\d{4}-\d{2}/.test(wanted) ? Date.parse(wanted) : Number.NaN;
  if (Number.isNaN(ms)) throw new ConditionRefused(`expected a time like 2026-01-31T12:00:00Z, saw "${wanted}"`);
  return ms;
}

function patternOf(source: string, ignoreCase: boolean): RegExp {
  try {
    return new RegExp(source, ignoreCase ? "i" : "");
  } catch (thrown) {
    throw new ConditionRefused(`"${source}" is no regular expression (${(thrown as Error).message})`);
  }
}
