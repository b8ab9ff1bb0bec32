import { renderDigits } from "../text/render.js";
import type { FormTools, SecretPattern } from "./pattern.js";

/** Country, two digits, and account characters in one piece or in groups of four (ISO 13616-1). */
const written =
  /(?<![A-Za-z0-9])[A-Z]{2}\d\d(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?)(?![A-Za-z0-9])/g;
const whole = /^[A-Z]{2}\d\d(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?)$/;

/** International bank account numbers whose two check digits are right (ISO 7064, mod 97-10). */
export const iban: SecretPattern = {
  name: "iban",
  explain: "bank account numbers (IBAN) whose check digits are right",
  find: {
    kind: "whole",
    beginsLikeAccount: true,
    search: (text, report) => {
      for (const match of text.matchAll(written)) {
        if (isIban(match[0])) report(match.index, match.index + match[0].length);
      }
    },
  },
  form: {
    is: (value) => value.length >= 15 && value.length <= 42 && whole.test(value) && isIban(value),
    plain,
    render,
  },
};

function plain(text: string): string {
  return text.replaceAll(" ", "");
}

function isIban(text: string): boolean {
  const all = plain(text);
  return all.length >= 15 && all.length <= 34 && remainder(all.slice(4) + all.slice(0, 4)) === 1;
}

/** The country stays, and so does which characters are letters. */
function render(secret: string, { next }: FormTools): string {
  const all = plain(secret);
  const account = renderDigits(all.slice(4), next).replace(/[A-Z]/g, () => String.fromCharCode(65 + (next() % 26)));
  const check = String(98 - remainder(`${account}${all.slice(0, 2)}00`)).padStart(2, "0");
  const rendered = all.slice(0, 2) + check + account;
  let at = 0;
  return secret.replace(/[A-Z0-9]/g, () => rendered[at++]!);
}

/** Letters count as 10 to 35; the number they make with the digits, modulo 97. */
function remainder(text: string): number {
  let rest = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}
