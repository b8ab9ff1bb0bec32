import { OperatorError } from "../../../base/index.js";
import { jsonPointer, parsePointer } from "../../../message/index.js";
import type { Place } from "../../../tape/index.js";
import type { BodyPath } from "../json/findings.js";

export type AddressPart = "status" | "header" | "trailer" | "body";

/** Where a rule looks. */
export interface Address {
  part: AddressPart;
  /** Of a body a JSON Pointer's tokens, `*` for an array index; of a header its name; of a cookie `set-cookie`, name, attribute. */
  tokens: readonly string[];
  /** As it was written. */
  text: string;
}

/**
 * Reads `status`, `body`, `body:/json/pointer` (RFC 6901; `*` stands for an array index and for nothing else),
 * `header:name`, `trailer:name`, `cookie:name` and `cookie:name/attribute`. There is no other wildcard: an address that
 * stands for more than it says hides more than was meant. Throws an OperatorError that says what is wrong with it.
 */
export function parseAddress(text: string): Address {
  if (text === "status" || text === "body") return { part: text, tokens: [], text };
  const colon = text.indexOf(":");
  const [part, rest] = [text.slice(0, colon), text.slice(colon + 1)];
  if (colon === -1 || rest === "")
    throw refused(text, "expected status, body, body:/pointer, header:name, trailer:name or cookie:name");
  switch (part) {
    case "body":
      return { part, tokens: pointerOf(rest, text), text };
    case "header":
    case "trailer":
      return { part, tokens: fieldTokens(rest, text), text };
    case "cookie":
      return { part: "header", tokens: ["set-cookie", ...cookieTokens(rest, text)], text };
    default:
      throw refused(text, `there is no part "${part}"; known are status, body, header, trailer and cookie`);
  }
}

function pointerOf(pointer: string, text: string): string[] {
  const tokens = parsePointer(pointer);
  if (tokens === undefined)
    throw refused(text, `"${pointer}" is no JSON Pointer: it begins with "/", and ~ is written ~0, / ~1`);
  const partial = tokens.find((token) => token.length > 1 && token.includes("*"));
  if (partial !== undefined)
    throw refused(text, `"${partial}": * stands for one array index alone, never for part of a name`);
  return tokens;
}

function fieldTokens(name: string, text: string): string[] {
  if (name.startsWith("set-cookie/")) return ["set-cookie", ...cookieTokens(name.slice("set-cookie/".length), text)];
  if (!/^[\w!#$%&'+.^`|~-]+$/.test(name)) throw refused(text, `"${name}" is no field name`);
  return [name.toLowerCase()];
}

function cookieTokens(cookie: string, text: string): string[] {
  const [name = "", attribute, ...more] = cookie.split("/");
  if (name === "" || more.length > 0 || cookie.includes("*"))
    throw refused(text, "expected cookie:name or cookie:name/attribute");
  return attribute === undefined ? [name] : [name, attribute.toLowerCase()];
}

function refused(text: string, why: string): OperatorError {
  return new OperatorError(`address "${text}": ${why}`);
}

/** Whether a place is the address itself; with `below`, also what lies within it. */
export function isAt(address: Address, part: AddressPart, path: BodyPath, below: boolean): boolean {
  const { tokens } = address;
  if (address.part !== part || path.length < tokens.length || (!below && path.length > tokens.length)) return false;
  for (let at = 0; at < tokens.length; at++) if (!isToken(tokens[at]!, path[at]!)) return false;
  return true;
}

function isToken(wanted: string, token: string | number): boolean {
  if (typeof token === "number") return wanted === "*" || wanted === String(token);
  return wanted === token;
}

/** A place outside of bodies, taken apart as addresses are. Undefined for those that no rule can name. */
export function partOfPlace(place: Place): { part: AddressPart; path: string[] } | undefined {
  if (place === "status" || place === "body") return { part: place, path: [] };
  const match = /^(header|trailer):(.*)$/s.exec(place);
  if (match === null) return undefined;
  const [, part, name] = match as unknown as [string, "header" | "trailer", string];
  return { part, path: name.startsWith("set-cookie/") ? splitCookie(name) : [name] };
}

/** Rules name cookies by their name alone, whatever the path and domain that tell several of one name apart. */
function splitCookie(name: string): string[] {
  const [field, scoped, ...attribute] = name.split("/");
  const cookie = scoped!.split(";", 1)[0]!;
  return attribute.length === 0 ? [field!, cookie] : [field!, cookie, attribute.join("/")];
}

/** The address as a report's places are written. */
export function placeOfAddress({ part, tokens }: Address): Place {
  if (tokens.length === 0) return part;
  return part === "body" ? `body:${jsonPointer(tokens)}` : `${part}:${tokens.join("/")}`;
}
