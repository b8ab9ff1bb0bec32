import { drawDigits, drawSteps } from "../../tape/index.js";

/** A share of all traces as a route can match it. */
export interface SampleMatch {
  /** RE2 and JavaScript alike, for the whole value of x-request-id: what Envoy and Istio match a regular expression with. */
  regex: string;
  /** How many of the 65,536 endings it matches. */
  endings: number;
}

/**
 * Matches the x-request-ids that a recorder with this share keeps when it samples by request-id: those whose last four hex
 * digits, as a number, are below the share of all. Ids that do not end in hex digits are never matched.
 */
export function sampleMatch(share: number): SampleMatch {
  // A draw is k of 65,536 and kept when it is less than the share: for whole k the same as less than this.
  const endings = Math.ceil(share * drawSteps);
  const regex = endings === 0 ? "[^\\s\\S]" : `.*${below(endings)}`;
  return { regex, endings };
}

function below(endings: number): string {
  if (endings === drawSteps) return `${anyDigit}{${drawDigits}}`;
  const digits = [...endings.toString(16).padStart(drawDigits, "0")].map((digit) => Number.parseInt(digit, 16));
  const ways = digits.flatMap((digit, at) => {
    if (digit === 0) return [];
    const rest = drawDigits - at - 1;
    return [
      digits.slice(0, at).map(oneDigit).join("") + digitsBelow(digit) + (rest === 0 ? "" : `${anyDigit}{${rest}}`),
    ];
  });
  return ways.length === 1 ? ways[0]! : `(?:${ways.join("|")})`;
}

const anyDigit = "[0-9a-fA-F]";

function oneDigit(digit: number): string {
  const lower = digit.toString(16);
  return digit < 10 ? lower : `[${lower}${lower.toUpperCase()}]`;
}

/** A class of the digits from 0 up to, not including, `digit`. */
function digitsBelow(digit: number): string {
  if (digit === 1) return "0";
  if (digit <= 10) return `[0-${digit - 1}]`;
  const last = (digit - 1).toString(16);
  return `[0-9a-${last}A-${last.toUpperCase()}]`;
}
