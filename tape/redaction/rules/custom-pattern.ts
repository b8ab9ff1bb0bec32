import { formOf } from "../patterns/index.js";
import type { SecretPattern } from "../patterns/pattern.js";
import { looksRandom } from "../text/entropy.js";
import type { RedactionSpec, Validator } from "./spec.js";

/** How far before a match a telling word may stand, in characters. */
const nearCharacters = 64;

/** A pattern of a rules file, searched for like ours. Throws a SyntaxError for what is no regular expression. */
export function customPattern(own: NonNullable<RedactionSpec["patterns"]>[number]): SecretPattern {
  const form = new RegExp(own.regex, `${own.flags ?? ""}dg`);
  const near = own.near === undefined ? undefined : new RegExp(own.near, "i");
  return {
    name: own.name,
    explain: `/${own.regex}/${own.flags ?? ""}, of the rules file`,
    find: {
      kind: "whole",
      search: (text, report) => {
        for (const match of text.matchAll(form)) {
          const [start, end] = match.indices![1] ?? match.indices![0]!;
          if (end === start) continue;
          if (near !== undefined && !near.test(text.slice(Math.max(0, start - nearCharacters), start))) continue;
          if (own.valid === undefined || isValid[own.valid](text.slice(start, end))) report(start, end);
        }
      },
    },
  };
}

const isValid: Record<Validator, (value: string) => boolean> = {
  luhn: (value) => luhn(value.replace(/[ -]/g, "")),
  iban: (value) => /^[A-Z]{2}/.test(value) && formOf(value) !== undefined,
  entropy: looksRandom,
};

function luhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    sum += at % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return digits.length > 1 && sum % 10 === 0;
}
