import type { Spot } from "../values/spot.js";

/**
 * What it takes to believe that a value in a request came from an answer.
 *
 * - `alone`: the value itself is enough. Digits, six and more ("3600" and "200" are met by chance); other text of eight and
 *   more that somebody made up: with a digit in it, or of twenty and more without a space. UUIDs and tokens are such.
 * - `named`: the names at both ends have to agree as well. Shorter numbers; other text of four and more.
 * - `never`: true, false, null, 0, nothing, and what is longer than any token.
 */
export type Strength = "alone" | "named" | "never";

const fewestDigits = 6;
const fewestCharacters = 8;
const fewestNamed = 4;
const longestWord = 20;
const longest = 8192;

export function strengthOf({ value }: Pick<Spot, "value">): Strength {
  const { length } = value;
  if (length === 0 || length > longest) return "never";
  if (isDigits(value)) return length >= fewestDigits ? "alone" : Number(value) === 0 ? "never" : "named";
  if (length < fewestNamed || value === "true" || value === "false" || value === "null") return "never";
  // A price or a share is no id: its name has to say so.
  if (length < fewestCharacters || isFraction(value) || /\s/.test(value)) return "named";
  return length >= longestWord || /\d/.test(value) ? "alone" : "named";
}

function isDigits(value: string): boolean {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

function isFraction(value: string): boolean {
  return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value);
}

/** UUIDs, JSON Web Tokens and what is long and mixed: no two of them are equal by chance. */
export function isUnmistakable(value: string): boolean {
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value)) return true;
  return (
    value.length >= 16 && /\d/.test(value) && /[A-Za-z]/.test(value) && !/\s/.test(value) && !/^\d{4}-\d\d/.test(value)
  );
}
