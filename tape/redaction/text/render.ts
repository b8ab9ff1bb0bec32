import type { Keystream } from "./keystream.js";

const runs = /[0-9A-Za-z]+|[^\0-\x7f]+|[\0-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+/gu;
const replaceable = /[0-9A-Za-z]|[^\0-\x7f]/;

/** A value of no kind that is known, character by character of the same class. */
export function renderPlain(secret: string, next: Keystream): string {
  if (!replaceable.test(secret)) return Array.from(secret, () => letter(next, 97)).join("");
  return secret.replace(runs, (run) => renderRun(run, next));
}

function renderRun(run: string, next: Keystream): string {
  const first = run.charCodeAt(0);
  if (first > 0x7f) return Array.from(run, (character) => beyondAscii(character, next)).join("");
  if (!isAlphanumeric(first)) return run;
  if (isHexRun(run)) return renderHex(run, next);
  return renderMixed(run, next);
}

/** Hex digits of the same case; what is none stays. */
export function renderHex(text: string, next: Keystream): string {
  const hex = /[A-F]/.test(text) ? "0123456789ABCDEF" : "0123456789abcdef";
  return text.replace(/[0-9A-Za-z]/g, () => hex[next() & 15]!);
}

/** Digits and letters of the same case; the first digit of a run other than 0 stays other than 0. */
export function renderMixed(run: string, next: Keystream): string {
  let rendered = "";
  let afterDigit = false;
  for (let at = 0; at < run.length; at++) {
    const code = run.charCodeAt(at);
    if (!isAlphanumeric(code)) rendered += run[at]!;
    else rendered += code <= 57 ? digit(code, afterDigit, next) : letter(next, code <= 90 ? 65 : 97);
    afterDigit = code >= 48 && code <= 57;
  }
  return rendered;
}

/** Any digit for each digit; what is none stays. */
export function renderDigits(text: string, next: Keystream): string {
  return text.replace(/[0-9]/g, () => anyDigit(next));
}

function isHexRun(run: string): boolean {
  return run.length >= 8 && /^(?:[0-9a-f]+|[0-9A-F]+)$/.test(run) && /[0-9]/.test(run) && /[A-Fa-f]/.test(run);
}

function digit(code: number, afterDigit: boolean, next: Keystream): string {
  const mayBeZero = afterDigit || code === 48;
  return mayBeZero ? anyDigit(next) : String.fromCharCode(49 + (next() % 9));
}

function anyDigit(next: Keystream): string {
  return String.fromCharCode(48 + (next() % 10));
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

/** Whether a pseudonym changes fewer of its characters than this: what tells how many values of this form there are. */
export function hasFewerReplaceable(value: string, characters: number): boolean {
  let found = 0;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    const isSecondHalf = code >= 0xdc00 && code <= 0xdfff;
    if ((isAlphanumeric(code) || (code > 0x7f && !isSecondHalf)) && ++found >= characters) return false;
  }
  return true;
}

/**
 * The one value that stands for all of this form: letters become `a`, digits 0 (1 at the
 * beginning of a run); where there are neither, all becomes `a`.
 */
export function classOfForm(value: string): string {
  if (!replaceable.test(value)) return "a".repeat(value.length);
  return value
    .replace(/[0-9]+/g, (run) => `1${"0".repeat(run.length - 1)}`)
    .replace(/[a-z]/g, "a")
    .replace(/[A-Z]/g, "A")
    .replace(/[^\0-\x7f]/gu, (character) => {
      const bytes = Buffer.byteLength(character);
      return bytes === 2 ? "\u00c0" : bytes === 3 ? "\u4e00" : "\u{1f600}";
    });
}
