import { z } from "zod";
import { inDuration, OperatorError, parseDuration } from "../../../base/index.js";
import { changedSides, plainValue, type RuleKind } from "./rule.js";

const shape = {
  /** `0.01`: by how much; `1%`: by what share of the expected one. */
  number: z.union([z.number().nonnegative(), z.string()]).optional(),
  /** `5s`: how far apart. */
  time: z.string().optional(),
};

/** Hides that a number or a time differs by little. That it is gone, or no number any more, is not hidden. */
export const tolerate: RuleKind<typeof shape> = {
  name: "tolerate",
  shape,
  make({ number, time }, { text }) {
    if ((number === undefined) === (time === undefined))
      throw new OperatorError(`tolerate ${text}: give either number (0.01 or 1%) or time (5s)`);
    return number === undefined ? timeEffect(time!, text) : numberEffect(number, text);
  },
};

function numberEffect(given: number | string, address: string) {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(String(given).trim());
  if (match === null) throw new OperatorError(`tolerate ${address}: number: expected 0.01 or 1%, saw "${given}"`);
  const [amount, isShare] = [Number(match[1]), match[2] === "%"];
  return within(`may differ by up to ${given}`, numberOf, (expected, actual) => {
    const most = isShare ? (Math.abs(expected) * amount) / 100 : amount;
    // Sums of decimal fractions are not exact: the last digits of a double say nothing.
    return Math.abs(expected - actual) <= most * (1 + 1e-9);
  });
}

function timeEffect(given: string, address: string) {
  const mostMs = parseDuration(given);
  if (mostMs === undefined)
    throw new OperatorError(`tolerate ${address}: time: expected a duration like 5s, saw "${given}"`);
  const text = `may differ by up to ${inDuration(mostMs)} in time`;
  return within(text, timeOf, (expected, actual) => Math.abs(expected - actual) <= mostMs);
}

function within(
  text: string,
  read: (value: string) => number | undefined,
  isNear: (expected: number, actual: number) => boolean,
) {
  return {
    text,
    hides(...[difference, whole]: Parameters<typeof changedSides>): boolean {
      const sides = changedSides(difference, whole)?.map((side) => read(plainValue(side)));
      if (sides === undefined || sides[0] === undefined || sides[1] === undefined) return false;
      return isNear(sides[0], sides[1]);
    },
  };
}

/** Integers that a double cannot hold are not near each other, but unknown. */
function numberOf(text: string): number | undefined {
  if (!/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) && (Math.abs(number) <= Number.MAX_SAFE_INTEGER || /[.eE]/.test(text))
    ? number
    : undefined;
}

/** RFC 3339, an HTTP date, or the seconds or milliseconds since the epoch; in milliseconds. */
function timeOf(text: string): number | undefined {
  if (/^\d{10}(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^\d{13}$/.test(text)) return Number(text);
  if (!/^\d{4}-\d\d-\d\d[Tt ]|^[A-Z][a-z]{2}, \d\d /.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
