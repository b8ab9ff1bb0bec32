import { walkJson } from "./json.js";
import { Spot, type Visit } from "./spot.js";
import { walkTarget } from "./target.js";

/** How many decodings deep a value is looked into: a URL in base64 in JSON. */
const deepest = 3;
/** Shorter text holds nothing that could be told from chance. */
const leastInside = 8;
/** Longer text is no token: it is not decoded. */
const mostInside = 16_384;

/**
 * Makes a Visit that looks inside the values which `visit` leaves, too: at segments and query of a URL, the claims of a JSON
 * Web Token, what base64 holds. What is replaced in there is written back in the same form.
 */
export function lookingInside(visit: Visit): Visit {
  const deep: Visit = (spot) => visit(spot) ?? visitInside(spot, deep);
  return deep;
}

function visitInside(spot: Spot, visit: Visit): string | undefined {
  const { value } = spot;
  if (spot.isNumber || value.length < leastInside || value.length > mostInside || spot.depth >= deepest)
    return undefined;
  if (value.startsWith("/") || /^https?:\/\//i.test(value)) {
    return /\s/.test(value) ? undefined : walkTarget(value, `${spot.place}|`, spot.depth + 1, visit);
  }
  if (jwtForm.test(value)) return visitClaims(spot, visit);
  return base64Form.test(value) && value.length >= leastBase64 ? visitBase64(spot, visit) : undefined;
}

/** RFC 7519 in its compact form, signed (RFC 7515, section 3.1). */
const jwtForm = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/;

function visitClaims(spot: Spot, visit: Visit): undefined {
  const payload = Buffer.from(spot.value.split(".")[1]!, "base64url");
  walkJson(payload, new Spot(`${spot.place}|jwt:`, "", spot.depth + 1, true), visit);
}

const base64Form = /^[A-Za-z0-9+/_-]+={0,2}$/;
const leastBase64 = 12;
/** Text on one line, or a JSON document. */
const readable = /^[\x20-\x7e\t\r\n]+$/;

function visitBase64(spot: Spot, visit: Visit): string | undefined {
  const { value } = spot;
  const bytes = Buffer.from(value, "base64");
  const text = bytes.toString("latin1");
  const isJson = text.startsWith("{") || text.startsWith("[");
  if (!isJson && !readable.test(text)) return undefined;
  const inner = isJson ? jsonInside(bytes, spot, visit) : textInside(text, spot, visit);
  return inner === undefined ? undefined : encodedLike(value, inner);
}

function jsonInside(bytes: Buffer, { place, depth, isSigned }: Spot, visit: Visit): Buffer | undefined {
  return walkJson(bytes, new Spot(`${place}|base64:`, "", depth + 1, isSigned), visit);
}

function textInside(text: string, { place, depth, isSigned }: Spot, visit: Visit): Buffer | undefined {
  // A position of a listing is written as `cursor:1007` by many; the value is what stands after the colon.
  const colon = /^[\w-]+:(?=[\w-]+$)/.exec(text)?.[0] ?? "";
  const inside = new Spot(`${place}|base64`, colon.slice(0, -1), depth + 1, isSigned);
  inside.value = text.slice(colon.length);
  const replaced = visit(inside);
  return replaced === undefined ? undefined : Buffer.from(colon + replaced, "utf8");
}

/** In the alphabet of `original`, padded as that was. */
function encodedLike(original: string, bytes: Buffer): string {
  const isForUrls = /[-_]/.test(original) || (!/[+/=]/.test(original) && original.length % 4 !== 0);
  return bytes.toString(isForUrls ? "base64url" : "base64");
}
