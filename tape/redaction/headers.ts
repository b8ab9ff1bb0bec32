import type { RedactionKey } from "./key.js";
import type { PlaceList } from "./places.js";
import { redactUrl } from "./query.js";
import { replaceCredentials, replaceSecret } from "./secret.js";
import { isSecretName } from "./secret-names.js";

/** Replaces the secret in one field's value; gives the same string when there is none. */
type FieldRule = (value: string, key: RedactionKey, places: PlaceList, lowerName: string) => string;

/**
 * Replaces secrets in headers or trailers, in Node's flat form (name, value, name, value …); the same array comes back
 * when there is none. Which fields: `authorization` and `proxy-authorization` (the scheme is kept), `cookie` and
 * `set-cookie` (each value; attributes are kept), the query of fields that hold a URL, `x-api-key` and every other field
 * that {@link isSecretName} calls secret (`x-auth-token`, `x-csrf-token`, `x-session-id` …).
 */
export function redactHeaders(flat: readonly string[], key: RedactionKey, places: PlaceList): readonly string[] {
  let redacted: string[] | undefined;
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const rule = ruleFor(flat[at]!);
    if (rule === undefined) continue;
    const value = flat[at + 1]!;
    const replaced = rule(value, key, places, flat[at]!.toLowerCase());
    if (replaced === value) continue;
    redacted ??= [...flat];
    redacted[at + 1] = replaced;
  }
  return redacted ?? flat;
}

const credentials: FieldRule = (value, key, places, lowerName) =>
  asText(value, (text) => noted(replaceCredentials(text, key), text, places, `header:${lowerName}`));

const secret: FieldRule = (value, key, places, lowerName) =>
  asText(value, (text) => noted(replaceSecret(text, key), text, places, `header:${lowerName}`));

const url: FieldRule = (value, key, places, lowerName) => redactUrl(value, key, places, `header:${lowerName}?`);

/** URLs among other things: `<https://…>; rel="next"`, `5; url=https://…`. */
const urlsInside: FieldRule = (value, key, places, lowerName) =>
  value.replace(/[^\s<>"']+/g, (piece) => redactUrl(piece, key, places, `header:${lowerName}?`));

const target: FieldRule = (value, key, places) => redactUrl(value, key, places, "query:");

/** RFC 6265, section 4.2.1: pairs between semicolons. */
const cookie: FieldRule = (value, key, places) =>
  value
    .split(";")
    .map((pair) => replaceCookieValue(pair, key, places, "cookie:"))
    .join(";");

/** RFC 6265, section 4.1.1: one pair, then attributes, which are kept. */
const setCookie: FieldRule = (value, key, places) => {
  const pairEnd = value.indexOf(";");
  if (pairEnd === -1) return replaceCookieValue(value, key, places, "set-cookie:");
  return replaceCookieValue(value.slice(0, pairEnd), key, places, "set-cookie:") + value.slice(pairEnd);
};

function replaceCookieValue(pair: string, key: RedactionKey, places: PlaceList, prefix: string): string {
  const [, name = "", value = "", rest = ""] = /^([^=]*=|)\s*"?(.*?)("?\s*)$/s.exec(pair) ?? [];
  if (value === "") return pair;
  const before = pair.slice(0, pair.length - value.length - rest.length);
  places.add(prefix + name.replace("=", "").trim());
  return before + asText(value, (text) => replaceSecret(text, key)) + rest;
}

const urlFields = [
  "content-location",
  "location",
  "referer",
  "x-envoy-original-path",
  "x-forwarded-uri",
  "x-original-uri",
  "x-original-url",
  "x-rewrite-url",
];

const fieldRules: ReadonlyMap<string, FieldRule> = new Map([
  ["authorization", credentials],
  ["proxy-authorization", credentials],
  ["cookie", cookie],
  ["set-cookie", setCookie],
  [":path", target],
  ["link", urlsInside],
  ["refresh", urlsInside],
  ...urlFields.map((name) => [name, url] as const),
]);

const rulesByName = new Map<string, FieldRule | undefined>();

/** By name as it came: lower-casing and judging a name costs more than finding it. */
function ruleFor(name: string): FieldRule | undefined {
  const known = rulesByName.get(name);
  if (known !== undefined || rulesByName.has(name)) return known;
  const rule = fieldRules.get(name.toLowerCase()) ?? (isSecretName(name) ? secret : undefined);
  // Names come from the traffic, so the memory of them is bounded.
  if (rulesByName.size >= 4096) rulesByName.clear();
  rulesByName.set(name, rule);
  return rule;
}

function noted(replaced: string, value: string, places: PlaceList, place: string): string {
  if (replaced !== value) places.add(place);
  return replaced;
}

/**
 * Header values are latin1: one character, one byte. Where the bytes are UTF-8 the secret is what they spell, so that it
 * equals the same secret in a body.
 */
function asText(value: string, replace: (text: string) => string): string {
  if (!/[\x80-\xff]/.test(value)) return replace(value);
  const bytes = Buffer.from(value, "latin1");
  const text = bytes.toString("utf8");
  const isUtf8 = !text.includes("\ufffd");
  return isUtf8 ? Buffer.from(replace(text), "utf8").toString("latin1") : replace(value);
}
