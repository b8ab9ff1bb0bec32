import { redactEmbedded } from "./json.js";
import type { PlaceList } from "./places.js";
import { redactAuthority, redactField, redactUrl } from "./query.js";
import type { Redaction } from "./rules/redaction.js";
import type { RedactionRules } from "./rules/rules.js";
import { replaceCredentials } from "./secret.js";
import { asText, replaceWhole } from "./text/text.js";

/** Replaces the secret in one field's value; gives the same string when there is none. */
type FieldRule = (value: string, redaction: Redaction, places: PlaceList, lowerName: string) => string;

/**
 * Replaces secrets in headers or trailers, in Node's flat form (name, value, name, value …); the same array comes back
 * when there is none. Which fields: `authorization` and `proxy-authorization` (the scheme is kept), `cookie` and
 * `set-cookie` (each value; attributes are kept), the query of fields that hold a URL, `x-api-key` and every other field
 * whose name is secret (`x-auth-token`, `x-csrf-token`, `x-session-id` …), whole; and in every other field that is not of
 * the protocol itself the secrets that are told by their form.
 */
export function redactHeaders(flat: readonly string[], redaction: Redaction, places: PlaceList): readonly string[] {
  let redacted: string[] | undefined;
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const rule = ruleFor(flat[at]!, redaction.rules);
    if (rule === undefined) continue;
    const value = flat[at + 1]!;
    const replaced = rule(value, redaction, places, flat[at]!.toLowerCase());
    if (replaced === value) continue;
    redacted ??= [...flat];
    redacted[at + 1] = replaced;
  }
  return redacted ?? flat;
}

const credentials: FieldRule = (value, redaction, places, lowerName) =>
  asText(value, (text) =>
    replaceWhole(text, "authorization", redaction, places, `header:${lowerName}`, (whole) =>
      replaceCredentials(whole, redaction.key),
    ),
  );

const named =
  (rule: string): FieldRule =>
  (value, redaction, places, lowerName) =>
    asText(value, (text) => replaceWhole(text, rule, redaction, places, `header:${lowerName}`));

/** Of a name that says so of some values alone. */
const namedByValue: FieldRule = (value, redaction, places, lowerName) =>
  asText(value, (text) => redactField(text, lowerName, redaction, places, `header:${lowerName}`, "header"));

const anyText: FieldRule = (value, redaction, places, lowerName) => {
  if (value.length < 6) return value;
  return asText(value, (text) => redactEmbedded(text, redaction, places, `header:${lowerName}`));
};

const url: FieldRule = (value, redaction, places, lowerName) =>
  redactUrl(value, redaction, places, `header:${lowerName}?`);

/** URLs among other things: `<https://…>; rel="next"`, `5; url=https://…`. */
const urlsInside: FieldRule = (value, redaction, places, lowerName) =>
  value.replace(/[^\s<>"']+/g, (piece) => redactUrl(piece, redaction, places, `header:${lowerName}?`));

const target: FieldRule = (value, redaction, places) => redactUrl(value, redaction, places, "query:");

/** Of the protocol, and still `user:password@host` now and then. */
const host: FieldRule = (value, redaction, places) => redactAuthority(value, redaction, places, "header:host");

/** RFC 6265, section 4.2.1: pairs between semicolons. */
const cookie: FieldRule = (value, redaction, places) =>
  value
    .split(";")
    .map((pair) => replaceCookieValue(pair, redaction, places, "cookie:"))
    .join(";");

/** RFC 6265, section 4.1.1: one pair, then attributes, which are kept. */
const setCookie: FieldRule = (value, redaction, places) => {
  const pairEnd = value.indexOf(";");
  if (pairEnd === -1) return replaceCookieValue(value, redaction, places, "set-cookie:");
  return replaceCookieValue(value.slice(0, pairEnd), redaction, places, "set-cookie:") + value.slice(pairEnd);
};

function replaceCookieValue(pair: string, redaction: Redaction, places: PlaceList, prefix: string): string {
  const [, rawName = "", value = "", rest = ""] = /^([^=]*=|)\s*"?(.*?)("?\s*)$/s.exec(pair) ?? [];
  if (value === "") return pair;
  const before = pair.slice(0, pair.length - value.length - rest.length);
  const name = rawName.replace("=", "").trim();
  const place = prefix + name;
  const replaced = asText(value, (text) =>
    redaction.rules.isOn("cookies")
      ? replaceWhole(text, "cookies", redaction, places, place)
      : redactField(text, name, redaction, places, place, "cookie"),
  );
  return before + replaced + rest;
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

/** Fields whose values the protocol, the mesh or a tracer makes: nothing of a user's is in them, and every call has them. */
const structuralFields: ReadonlySet<string> = new Set(
  `accept accept-encoding accept-language accept-ranges age allow alt-svc cache-control connection content-encoding
  content-language content-length content-md5 content-range content-type date etag expect expires if-match
  if-modified-since if-none-match if-range if-unmodified-since keep-alive last-modified pragma priority range retry-after
  server te trailer transfer-encoding upgrade vary via :method :scheme :status traceparent grpc-accept-encoding
  grpc-encoding grpc-timeout grpc-status x-request-id x-b3-traceid x-b3-spanid x-b3-parentspanid x-b3-sampled
  x-forwarded-proto x-forwarded-port x-envoy-attempt-count x-envoy-expected-rq-timeout-ms
  x-envoy-upstream-service-time x-envoy-internal x-envoy-decorator-operation x-envoy-peer-metadata
  x-envoy-peer-metadata-id x-envoy-downstream-service-cluster sec-websocket-accept sec-websocket-version
  sec-websocket-extensions sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user upgrade-insecure-requests`.split(
    /\s+/,
  ),
);

/** By name as it came: lower-casing and judging a name costs more than finding it. */
function ruleFor(name: string, rules: RedactionRules): FieldRule | undefined {
  const { memory } = rules;
  const known = memory.get(name) as FieldRule | undefined;
  if (known !== undefined || memory.has(name)) return known;
  const rule = judge(name, rules);
  // Names come from the traffic, so the memory of them is bounded.
  if (memory.size >= 4096) memory.clear();
  memory.set(name, rule);
  return rule;
}

function judge(name: string, rules: RedactionRules): FieldRule | undefined {
  const lowerName = name.toLowerCase();
  if (lowerName === "host" || lowerName === ":authority") return host;
  if (structuralFields.has(lowerName)) return undefined;
  const demanded = rules.looksAtPlaces ? rules.demandedBy(`header:${lowerName}`) : undefined;
  if (demanded !== undefined && lowerName !== "cookie" && lowerName !== "set-cookie") return named(demanded);
  const own = fieldRules.get(lowerName);
  if (own === credentials && !rules.isOn("authorization")) return anyText;
  if (own !== undefined) return own;
  const rule = rules.namedBy(name, "header");
  if (rule === undefined) return anyText;
  return rules.namedBy(name, "header", "") === undefined ? namedByValue : named(rule);
}
