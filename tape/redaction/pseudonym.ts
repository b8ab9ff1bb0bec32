import type { RedactionKey } from "./key.js";
import { purposeKeys } from "./keyed-hash.js";
import { madeOnce } from "./made-once.js";
import { formOf } from "./patterns/index.js";
import type { SecretForm } from "./patterns/pattern.js";
import { keystream } from "./text/keystream.js";
import { renderMixed, renderPlain } from "./text/render.js";

/**
 * What stands in place of a secret: made from HMAC-SHA256(key, secret), in the secret's own format, so that the same
 * secret is the same value wherever it is met and still passes for what it is:
 *
 * - digits stay digits; a digit other than 0 at the beginning of a run of digits stays other than 0, so a JSON number
 *   stays one;
 * - lower-case letters stay lower case, upper-case ones upper case;
 * - a run of hex digits of one case with a digit and a letter in it (8 and more), and every group of a UUID, stay hex;
 *   a UUID's version and variant digits are kept;
 * - a value of a kind in `patterns/` stays one: a card number passes Luhn, an IBAN mod 97, an e-mail address is one, a
 *   JSON Web Token keeps its header and the names of its claims, a provider's key its prefix, a PEM block its armour;
 * - any other character beyond ASCII becomes another one of the same length in UTF-8;
 * - ASCII punctuation and spaces are kept, unless there is nothing else: then they become lower-case letters.
 *
 * The pseudonym has the secret's length in characters and in UTF-8 bytes (a JSON Web Token alone may differ), and is
 * never the secret itself, unless that is empty.
 */
export function pseudonymOf(secret: string, key: RedactionKey): string {
  if (secret === "") return "";
  return makePseudonym(secret, key);
}

/** Another drawing is tried when the first one gives the secret back; a form without room gives up and is drawn plain. */
const attemptsOfForm = 4;

const makePseudonym = madeOnce((secret, key) => {
  const macKey = purposeKeys(key).pseudonym;
  const form = formOf(secret);
  for (let attempt = 0; ; attempt++) {
    const pseudonym =
      form !== undefined && attempt < attemptsOfForm
        ? renderForm(form, secret, key, attempt)
        : renderPlain(secret, keystream(secret, macKey, attempt));
    if (pseudonym !== secret) return pseudonym;
  }
});

function renderForm(form: SecretForm, secret: string, key: RedactionKey, attempt: number): string {
  const drawnFrom = form.plain?.(secret) ?? secret;
  const next = keystream(drawnFrom, purposeKeys(key).pseudonym, attempt);
  return form.render(secret, { next, pseudonymOf: (inner) => pseudonymOf(inner, key) });
}

/** Of a JSON number: as the same digits in a string, but in one with an exponent the `e` is kept. */
export function pseudonymOfNumber(lexeme: string, key: RedactionKey): string {
  if (!/e/i.test(lexeme)) return pseudonymOf(lexeme, key);
  const next = keystream(lexeme, purposeKeys(key).pseudonym, 0);
  return lexeme.replace(/[0-9]+/g, (run) => renderMixed(run, next));
}

/** `true` and `false`, both turned round or both kept, as the key says: the only format they have. */
export function pseudonymOfBoolean(value: boolean, key: RedactionKey): boolean {
  const turned = (purposeKeys(key).pseudonym.mac("boolean", "latin1").charCodeAt(0) & 1) === 1;
  return turned !== value;
}
