import {
  decodeContent,
  decodeFormText,
  escapePointerToken,
  firstValue,
  hopByHopFields,
  isJsonType,
  JsonNumber,
  JsonObject,
  type JsonTree,
  mediaType,
  parseForm,
  parseJson,
  volatileRequestFields,
} from "../../message/index.js";
import type { Exchange, Request } from "../exchange.js";

/** A value of a request by which it may be known again in a request made for it, and where it stands. */
export type TellingValues = ReadonlyMap<string, string>;

const mostValues = 64;
const longestValue = 128;
const longestBodyBytes = 64 * 1024;

/** Fields that most requests of a client share, or that are made anew at every hop. */
const tellingNothing: ReadonlySet<string> = new Set([
  ...volatileRequestFields,
  ...hopByHopFields,
  "accept",
  "accept-charset",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "origin",
  "pragma",
  "user-agent",
  "x-tapeloop-hop",
]);

/**
 * The values of a request that a service may hand on to those it calls: segments of the path, the query, header fields and
 * cookies, scalars of a JSON or form body. Words and small numbers say little and are left out, but for numbers in the
 * path. Secrets are pseudonyms here, which are the same wherever the secret is.
 */
export function tellingValues({ request }: Pick<Exchange, "request">): TellingValues {
  const values = new Map<string, string>();
  for (const [place, value] of placesOf(request)) {
    if (values.size >= mostValues) break;
    if (isTelling(place, value) && !values.has(value)) values.set(value, place);
  }
  return values;
}

function* placesOf(request: Request): Generator<[place: string, value: string]> {
  const [path = "", query] = request.path.split("?", 2);
  for (const segment of path.split("/")) yield ["path segment", decodeFormText(segment)];
  if (query !== undefined) for (const { name, value } of parseForm(query)) yield [`query:${name}`, value];
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase();
    if (lower === "cookie") yield* cookiesIn(value);
    else if (!tellingNothing.has(lower)) yield [`header:${lower}`, value];
  }
  yield* inBody(request);
}

function* cookiesIn(value: string): Generator<[string, string]> {
  for (const crumb of value.split(";")) {
    const at = crumb.indexOf("=");
    if (at > 0) yield [`cookie:${crumb.slice(0, at).trim()}`, crumb.slice(at + 1).trim()];
  }
}

function* inBody({ headers, body }: Request): Generator<[string, string]> {
  if (body.kind !== "whole" || body.bytes.length > longestBodyBytes) return;
  const essence = mediaType(headers)?.essence ?? "";
  const isForm = essence === "application/x-www-form-urlencoded";
  if (!isForm && !isJsonType(essence)) return;
  const decoded = decodeContent(body.bytes, firstValue(headers, "content-encoding"), 4 * longestBodyBytes);
  if (decoded.kind !== "decoded") return;
  const text = Buffer.from(decoded.bytes).toString("utf8");
  if (isForm) for (const { name, value } of parseForm(text)) yield [`form:${name}`, value];
  else yield* scalarsIn(parseJson(text), "");
}

/** Deeper than this no service looks for an id. */
const deepest = 32;

function* scalarsIn(tree: JsonTree | undefined, pointer: string, depth = 0): Generator<[string, string]> {
  if (typeof tree === "string") yield [`body:${pointer}`, tree];
  else if (tree instanceof JsonNumber) yield [`body:${pointer}`, tree.lexeme];
  else if (depth < deepest)
    for (const [name, one] of membersOf(tree)) yield* scalarsIn(one, `${pointer}/${name}`, depth + 1);
}

function membersOf(tree: JsonTree | undefined): (readonly [string, JsonTree])[] {
  if (tree instanceof JsonObject) return tree.keys.map((key, at) => [escapePointerToken(key), tree.values[at]!]);
  return Array.isArray(tree) ? (tree as readonly JsonTree[]).map((one, at) => [String(at), one]) : [];
}

function isTelling(place: string, value: string): boolean {
  if (value.length > longestValue) return false;
  if (/^\d{1,2}$/.test(value)) return place === "path segment";
  if (value.length < 3) return false;
  return value.length >= 12 || /[^a-z_-]/.test(value);
}
