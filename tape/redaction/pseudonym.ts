import { createHmac, type KeyObject } from "node:crypto";
import type { RedactionKey } from "./key.js";
import { purposeKeys } from "./keyed-hash.js";
import { madeOnce } from "./made-once.js";

/**
 * What stands in place of a secret: made from HMAC-SHA256(key, secret), in the secret's own format, so that the same
 * secret is the same value wherever it is met and still passes for what it is:
 *
 * - digits stay digits; a digit other than 0 at the beginning of a run of digits stays other than 0, so a JSON number
 *   stays one;
 * - lower-case letters stay lower case, upper-case ones upper case;
 * - a run of hex digits of one case with a digit and a letter in it (8 and more), and every group of a UUID, stay hex;
 *   a UUID's version and variant digits are kept;
 * - any other character beyond ASCII becomes another one of the same length in UTF-8;
 * - ASCII punctuation and spaces are kept, unless there is nothing else: then they become lower-case letters.
 *
 * The pseudonym has the secret's length in characters and in UTF-8 bytes, and is never the secret itself, unless that
 * is empty.
 */
export function pseudonymOf(secret: string, key: RedactionKey): string {
  if (secret === "") return "";
  return makePseudonym(secret, key);
}

const makePseudonym = madeOnce((secret, key) => {
  const macKey = purposeKeys(key).pseudonym;
  for (let attempt = 0; ; attempt++) {
    const pseudonym = render(secret, keystream(secret, macKey, attempt));
    if (pseudonym !== secret) return pseudonym;
  }
});

/** Of a JSON number: as the same digits in a string, but in one with an exponent the `e` is kept. */
export function pseudonymOfNumber(lexeme: string, key: RedactionKey): string {
  if (!/e/i.test(lexeme)) return pseudonymOf(lexeme, key);
  const next = keystream(lexeme, purposeKeys(key).pseudonym, 0);
  return lexeme.replace(/[0-9]+/g, (run) => renderMixed(run, next));
}

/** `true` and `false`, both turned round or both kept, as the key says: the only format they have. */
export function pseudonymOfBoolean(value: boolean, key: RedactionKey): boolean {
  const turned = (createHmac("sha256", purposeKeys(key).pseudonym).update("boolean").digest()[0]! & 1) === 1;
  return turned !== value;
}

/** Gives one byte after the other, without end. */
type Keystream = () => number;

function keystream(secret: string, macKey: KeyObject, attempt: number): Keystream {
  let block = createHmac("sha256", macKey).update(secret, "utf8").digest();
  if (attempt > 0) block = createHmac("sha256", macKey).update(block).update(`again ${attempt}`).digest();
  let at = 0;
  return () => {
    if (at === block.length) {
      block = createHmac("sha256", macKey).update(block).digest();
      at = 0;
    }
    return block[at++]!;
  };
}

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const runs = /[0-9A-Za-z]+|[^\0-\x7f]+|[\0-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+/gu;
const replaceable = /[0-9A-Za-z]|[^\0-\x7f]/;

function render(secret: string, next: Keystream): string {
  if (uuidForm.test(secret)) return renderUuid(secret, next);
  if (!replaceable.test(secret)) return Array.from(secret, () => letter(next, 97)).join("");
  return secret.replace(runs, (run) => renderRun(run, next));
}

function renderUuid(uuid: string, next: Keystream): string {
  const hex = hexDigitsLike(uuid);
  // Characters 14 and 19 say version and variant (RFC 9562, sections 4.1 and 4.2).
  return Array.from(uuid, (character, at) =>
    character === "-" || at === 14 || at === 19 ? character : hex[next() & 15]!,
  ).join("");
}

function renderRun(run: string, next: Keystream): string {
  const first = run.charCodeAt(0);
  if (first > 0x7f) return Array.from(run, (character) => beyondAscii(character, next)).join("");
  if (!isAlphanumeric(first)) return run;
  if (isHexRun(run)) {
    const hex = hexDigitsLike(run);
    return Array.from(run, () => hex[next() & 15]!).join("");
  }
  return renderMixed(run, next);
}

function renderMixed(run: string, next: Keystream): string {
  let rendered = "";
  let afterDigit = false;
  for (let at = 0; at < run.length; at++) {
    const code = run.charCodeAt(at);
    rendered += code <= 57 ? digit(code, afterDigit, next) : letter(next, code <= 90 ? 65 : 97);
    afterDigit = code <= 57;
  }
  return rendered;
}

function isHexRun(run: string): boolean {
  return run.length >= 8 && /^(?:[0-9a-f]+|[0-9A-F]+)$/.test(run) && /[0-9]/.test(run) && /[A-Fa-f]/.test(run);
}

function hexDigitsLike(text: string): string {
  return /[A-F]/.test(text) ? "0123456789ABCDEF" : "0123456789abcdef";
}

function digit(code: number, afterDigit: boolean, next: Keystream): string {
  const mayBeZero = afterDigit || code === 48;
  return String.fromCharCode(mayBeZero ? 48 + (next() % 10) : 49 + (next() % 9));
}

function letter(next: Keystream, base: number): string {
  return String.fromCharCode(base + (next() % 26));
}

/**
 * Letters of the same UTF-8 length: U+00C0–U+00FF for two bytes (they exist in latin1 too, which header values are),
 * CJK for three, emoji for four.
 */
function beyondAscii(character: string, next: Keystream): string {
  const code = character.codePointAt(0)!;
  if (code <= 0x7ff) return String.fromCharCode(0xc0 + (next() & 63));
  if (code <= 0xffff) return String.fromCharCode(0x4e00 + ((next() << 6) | (next() & 63)));
  return String.fromCodePoint(0x1f600 + (next() & 63));
}

function isAlphanumeric(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}
