import {
  contentCodings,
  decodeContent,
  encodeContent,
  isJsonType,
  type MediaType,
  parseMediaType,
} from "../../message/index.js";
import { redactEventStream } from "./event-stream.js";
import { mayNameSecret, type RedactedJson, redactJson } from "./json.js";
import type { RedactionKey } from "./key.js";
import { multipartMayHoldSecrets } from "./multipart.js";
import { PlaceList } from "./places.js";
import { redactFormText } from "./query.js";

/** `unreadable`: it may hold secrets and could not be read whole. */
export type RedactedBytes = { kind: "unchanged" } | { kind: "redacted"; bytes: Uint8Array } | { kind: "unreadable" };

const unchanged: RedactedBytes = { kind: "unchanged" };
const unreadable: RedactedBytes = { kind: "unreadable" };

/** What a body's headers say of how to read it: values of `content-type` and `content-encoding`. */
export interface BodyHeaders {
  contentType: string | undefined;
  contentEncoding: string | undefined;
}

/** The two from headers in Node's flat form. */
export function bodyHeadersOf(flat: readonly string[]): BodyHeaders {
  const found: BodyHeaders = { contentType: undefined, contentEncoding: undefined };
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const name = flat[at]!;
    // Only names of these two lengths are worth lower-casing.
    if (name.length !== 12 && name.length !== 16) continue;
    const lowerName = name.toLowerCase();
    if (lowerName === "content-type") found.contentType ??= flat[at + 1]!;
    if (lowerName === "content-encoding") {
      found.contentEncoding = found.contentEncoding ? `${found.contentEncoding},${flat[at + 1]}` : flat[at + 1]!;
    }
  }
  return found;
}

/**
 * Replaces the secrets in the wire bytes of a body. Content codings are undone first and done again only when there was
 * something to replace; otherwise the bytes stay as they came. `isWhole` is false for a body that was cut: it is kept
 * when nothing in it names a secret, else it is unreadable.
 */
export function redactBytes(
  bytes: Uint8Array,
  headers: BodyHeaders,
  isWhole: boolean,
  key: RedactionKey,
  places: PlaceList,
): RedactedBytes {
  if (contentCodings(headers.contentEncoding).length === 0) {
    return redactContent(bytes, headers.contentType, isWhole, key, places);
  }
  if (!isOfInterest(headers.contentType)) return unchanged;
  const decoded = decodeContent(bytes, headers.contentEncoding);
  if (decoded.kind !== "decoded") return unreadable;
  const redacted = redactContent(decoded.bytes, headers.contentType, isWhole, key, places);
  if (redacted.kind !== "redacted") return redacted;
  return { kind: "redacted", bytes: encodeContent(redacted.bytes, headers.contentEncoding, bytes) };
}

const mediaTypes = new Map<string, MediaType | undefined>();

/** By the value as it came: there are few of them, and parsing one costs more than finding it. */
function mediaTypeOf(contentType: string): MediaType | undefined {
  const known = mediaTypes.get(contentType);
  if (known !== undefined || mediaTypes.has(contentType)) return known;
  const type = parseMediaType(contentType);
  // Values come from the traffic, so the memory of them is bounded.
  if (mediaTypes.size >= 256) mediaTypes.clear();
  if (contentType.length <= 128) mediaTypes.set(contentType, type);
  return type;
}

/** Redacts text in UTF-8 read as latin1. */
type TextRedactor = (text: string, isWhole: boolean, key: RedactionKey, places: PlaceList) => RedactedJson;

/** Replaces the secrets in a body without content codings. */
function redactContent(
  bytes: Uint8Array,
  contentType: string | undefined,
  isWhole: boolean,
  key: RedactionKey,
  places: PlaceList,
): RedactedBytes {
  const type = contentType === undefined ? undefined : mediaTypeOf(contentType);
  const redactor = redactorFor(type, bytes);
  if (redactor === undefined) return unchanged;
  if (!isAsciiBased(type, bytes)) return unreadable;
  const inBody = new PlaceList();
  const redacted = redactor(latin1(bytes), isWhole, key, inBody);
  switch (redacted.kind) {
    case "unchanged":
      return unchanged;
    case "damaged":
      return unreadable;
    case "redacted":
      places.addAll(inBody);
      return { kind: "redacted", bytes: Buffer.from(redacted.text, "latin1") };
  }
}

/** How a body is read; undefined for what holds none of the fields that we know to look for. */
function redactorFor(type: MediaType | undefined, bytes: Uint8Array): TextRedactor | undefined {
  if (type !== undefined && !untoldTypes.has(type.essence)) return redactorByType(type.essence);
  return beginsLikeJson(bytes) ? json : undefined;
}

/** Types that say nothing, so that the bytes are looked at. */
const untoldTypes: ReadonlySet<string> = new Set(["text/plain", "application/octet-stream"]);

function redactorByType(essence: string): TextRedactor | undefined {
  if (isJsonType(essence) || jsonLinesTypes.has(essence)) return json;
  if (essence === "application/x-www-form-urlencoded") return form;
  if (essence === "text/event-stream") return eventStream;
  return essence.startsWith("multipart/") ? multipart : undefined;
}

const jsonLinesTypes: ReadonlySet<string> = new Set([
  "application/jsonl",
  "application/ndjson",
  "application/x-jsonlines",
  "application/x-ndjson",
  "application/csp-report",
]);

const json: TextRedactor = (text, isWhole, key, places) => {
  if (!mayNameSecret(text)) return { kind: "unchanged" };
  return isWhole ? redactJson(text, key, places, "body:") : { kind: "damaged" };
};

const form: TextRedactor = (text, isWhole, key, places) => {
  const redacted = redactFormText(text, key, places, "form:");
  if (redacted === text) return { kind: "unchanged" };
  return isWhole ? { kind: "redacted", text: redacted } : { kind: "damaged" };
};

const eventStream: TextRedactor = (text, isWhole, key, places) => {
  if (!mayNameSecret(text)) return { kind: "unchanged" };
  return isWhole ? redactEventStream(text, key, places) : { kind: "damaged" };
};

/** Parts are not rewritten: a multipart body that names a secret is not stored. */
const multipart: TextRedactor = (text) => ({ kind: multipartMayHoldSecrets(text) ? "damaged" : "unchanged" });

/** Whether a body of this type is looked into at all, so that one that cannot be decoded may hold a secret. */
function isOfInterest(contentType: string | undefined): boolean {
  const type = contentType === undefined ? undefined : mediaTypeOf(contentType);
  return type === undefined || untoldTypes.has(type.essence) || redactorByType(type.essence) !== undefined;
}

/** Names are looked for in ASCII, so UTF-16 and its like cannot be read. */
function isAsciiBased(type: MediaType | undefined, bytes: Uint8Array): boolean {
  const charset = type?.parameters.get("charset")?.toLowerCase() ?? "";
  return (
    !/^(?:utf-?(?:16|32)|ucs|utf-7)/.test(charset) &&
    bytes[0] !== 0xfe &&
    bytes[0] !== 0xff &&
    bytes[1] !== 0 &&
    bytes[0] !== 0
  );
}

function beginsLikeJson(bytes: Uint8Array): boolean {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return bytes[at] === 0x7b || bytes[at] === 0x5b;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
