import { type Body, contentCodings, firstValue, type HeaderList } from "../../../message/index.js";
import { rememberPerList } from "../../remember.js";
import { Spot } from "./spot.js";
import { lookingInside } from "./text.js";
import { hashOfBytes } from "./text-hash.js";

/** What is looked for. May say yes to what is not; never no to what is. */
export interface Sought {
  hasText(text: string): boolean;
  /** By `hashOfText` of it. */
  hasHash(hash: number): boolean;
}

/**
 * Whether a value that is sought may be visited by `walkBody`: false is certain. Bodies that are JSON as they stand are
 * looked at byte by byte, at a tenth of what a walk costs; all others may hold anything.
 */
export function mayHoldValue(body: Body, headers: HeaderList, sought: Sought): boolean {
  if (body.kind !== "whole" || body.bytes.length === 0) return false;
  const { bytes } = body;
  const beginsLikeJson = bytes[0] === open.object || bytes[0] === open.array;
  return !beginsLikeJson || isCoded(headers) || jsonMayHold(bytes, sought);
}

const isCoded = rememberPerList((headers) => contentCodings(firstValue(headers, "content-encoding")).length > 0);

const open = { object: 0x7b, array: 0x5b } as const;
const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;

/** By byte: 1 for what stands in JSON Web Tokens, base64 and targets without a query, 2 for what separates values. */
const kinds = new Uint8Array(256);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-=.") {
  kinds[character.charCodeAt(0)] = 1;
}
for (const character of ",:[]{} \t\r\n") kinds[character.charCodeAt(0)] = 2;

/** Strings that are no names, and what stands outside of strings; of what is no JSON, at least what comes before its fault. */
function jsonMayHold(bytes: Uint8Array, sought: Sought): boolean {
  const { length } = bytes;
  let at = 0;
  while (at < length) {
    const start = at;
    const code = bytes[at]!;
    if (code !== quote) {
      at = kinds[code] === 2 ? at + 1 : endOfBare(bytes, at);
      if (kinds[code] !== 2 && sought.hasHash(hashOfBytes(bytes, start, at))) return true;
      continue;
    }
    let all = 0;
    let isEscaped = false;
    for (at++; at < length; at++) {
      const one = bytes[at]!;
      if (one === quote) break;
      all |= one;
      if (one !== backslash) continue;
      isEscaped = true;
      at++;
    }
    // What no quote ends is no JSON, and no value.
    if (at >= length) return false;
    const end = at++;
    while (at < length && bytes[at]! <= 0x20) at++;
    if (at < length && bytes[at] === colon) continue;
    if (all > 0x7f || isEscaped || mayHideOthers(bytes, start + 1, end)) {
      if (textMayHold(bytes, start + 1, end, isEscaped, sought)) return true;
    } else if (sought.hasHash(hashOfBytes(bytes, start + 1, end))) return true;
  }
  return false;
}

function endOfBare(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && kinds[bytes[at]!] !== 2 && bytes[at] !== quote) at++;
  return at;
}

/** What is decoded and looked into, see `lookingInside`: a target, a JSON Web Token, base64. */
function mayHideOthers(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < leastInside) return false;
  if (isTarget(bytes[start]!)) return true;
  for (let at = start; at < end; at++) if (kinds[bytes[at]!] !== 1) return false;
  return true;
}

const leastInside = 8;

/** A text that is the target of a request begins so: with a slash, or its scheme. */
function isTarget(first: number): boolean {
  return first === 0x2f || first === 0x68 || first === 0x48;
}

/** The same for one string, with what stands decoded inside it. */
function textMayHold(bytes: Uint8Array, start: number, end: number, isEscaped: boolean, sought: Sought): boolean {
  const written = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
  const spot = new Spot("");
  try {
    spot.value = isEscaped ? (JSON.parse(`"${written}"`) as string) : written;
  } catch {
    // No JSON from here on: a walk ends there, and has met what came before.
    return false;
  }
  let isFound = false;
  lookingInside(({ value }) => {
    isFound ||= sought.hasText(value);
    return undefined;
  })(spot);
  return isFound;
}
