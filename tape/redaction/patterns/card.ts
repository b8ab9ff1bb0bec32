import { renderDigits } from "../text/render.js";
import type { SecretPattern } from "./pattern.js";

/** Ten digits in a row, as every card number begins; most texts have none, and that is seen fast. */
const possibly = /[2-6]\d{3}[ -]?\d{4}[ -]?\d\d/;
/** Without separators, in groups of four, or as Amex and Diners write them. */
const written = /(?<![\w.])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5})(?![\w]|\.\d)/g;
const whole = /^(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5})$/;

/** What an issuer's numbers begin with, and how long they are. */
const issuers: readonly { begins: RegExp; lengths: readonly number[] }[] = [
  { begins: /^4/, lengths: [13, 16, 19] },
  { begins: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { begins: /^3[47]/, lengths: [15] },
  { begins: /^(?:6011|64[4-9]|65)/, lengths: [16, 17, 18, 19] },
  { begins: /^35(?:2[89]|[3-8])/, lengths: [16, 17, 18, 19] },
  { begins: /^(?:30[0-5]|3[689])/, lengths: [14, 16] },
  { begins: /^62/, lengths: [16, 17, 18, 19] },
  { begins: /^(?:50|5[6-9]|6[379])/, lengths: [13, 15, 16, 18, 19] },
];

/** Payment card numbers: an issuer's beginning and length, and the check digit of ISO/IEC 7812-1 (Luhn). */
export const card: SecretPattern = {
  name: "card",
  explain: "payment card numbers whose check digit is right",
  find: {
    kind: "whole",
    search: (text, report) => {
      if (!possibly.test(text)) return;
      for (const match of text.matchAll(written)) {
        if (isCard(match[0])) report(match.index, match.index + match[0].length);
      }
    },
  },
  form: {
    is: (value) => value.length >= 13 && value.length <= 26 && whole.test(value) && isCard(value),
    plain: digitsOf,
    render: (secret, { next }) => {
      const digits = digitsOf(secret);
      const begins = issuerOf(digits)!.begins.exec(digits)![0];
      const drawn = begins + renderDigits(digits.slice(begins.length, -1), next);
      let at = 0;
      const rendered = drawn + checkDigit(drawn);
      return secret.replace(/\d/g, () => rendered[at++]!);
    },
  },
};

function digitsOf(text: string): string {
  return text.replace(/[ -]/g, "");
}

function isCard(text: string): boolean {
  const digits = digitsOf(text);
  return issuerOf(digits) !== undefined && digits.at(-1) === checkDigit(digits.slice(0, -1));
}

function issuerOf(digits: string): (typeof issuers)[number] | undefined {
  return issuers.find(({ begins, lengths }) => lengths.includes(digits.length) && begins.test(digits));
}

/** Luhn: every second digit from the right, beginning with the last before the check digit, counts double. */
function checkDigit(digits: string): string {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 48;
    const counted = at % 2 === 0 ? digit * 2 : digit;
    sum += counted > 9 ? counted - 9 : counted;
  }
  return String((10 - (sum % 10)) % 10);
}
