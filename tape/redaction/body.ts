import {
  contentCodings,
  decodeContent,
  encodeContent,
  isGrpcType,
  isJsonType,
  type MediaType,
  parseMediaType,
  type UndecodedContent,
} from "../../message/index.js";
import { type Content, type ContentRedactor, contentFrom } from "./content/content.js";
import { redactBareProtobuf, redactGrpc, redactGrpcWebText } from "./content/grpc.js";
import { redactMarkup } from "./content/markup.js";
import { redactEventStream } from "./event-stream.js";
import { redactJson } from "./json.js";
import { redactMultipart } from "./multipart.js";
import { PlaceList } from "./places.js";
import { redactFormText } from "./query.js";
import { demandedBy, type Redaction } from "./rules/redaction.js";
import { cutSecretLength } from "./text/cut.js";
import { asText, redactText, replaceSpans, replaceWhole } from "./text/text.js";

/** `unreadable`: it may hold secrets and could not be read whole; `undecoded`: for what its codings came to. */
export type RedactedBytes =
  | { kind: "unchanged" }
  | { kind: "redacted"; bytes: Uint8Array }
  | { kind: "unreadable"; undecoded?: UndecodedContent };

const unchanged: RedactedBytes = { kind: "unchanged" };
const unreadable: RedactedBytes = { kind: "unreadable" };

/** What a message's headers say of how to read its body. */
export interface BodyHeaders {
  /** Value of `content-type`. */
  contentType: string | undefined;
  /** Values of `content-encoding`, in order. */
  contentEncoding: string | undefined;
  /** Value of `grpc-encoding`: what compressed messages are coded with. */
  messageEncoding?: string | undefined;
}

/** The three from headers in Node's flat form. */
export function bodyHeadersOf(flat: readonly string[]): BodyHeaders {
  const found: BodyHeaders = { contentType: undefined, contentEncoding: undefined };
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const name = flat[at]!;
    // Only names of these lengths are worth lower-casing.
    if (name.length !== 12 && name.length !== 16 && name.length !== 13) continue;
    const lowerName = name.toLowerCase();
    if (lowerName === "content-type") found.contentType ??= flat[at + 1]!;
    if (lowerName === "grpc-encoding") found.messageEncoding ??= flat[at + 1]!;
    if (lowerName === "content-encoding") {
      found.contentEncoding = found.contentEncoding ? `${found.contentEncoding},${flat[at + 1]}` : flat[at + 1]!;
    }
  }
  return found;
}

/**
 * Replaces the secrets in the wire bytes of a body. Content codings are undone first and done again only when there was
 * something to replace; otherwise the bytes stay as they came. `isWhole` is false for a body that was cut: of text that
 * holds a secret what cannot be read to its end is left out.
 */
export function redactBytes(
  bytes: Uint8Array,
  headers: BodyHeaders,
  isWhole: boolean,
  redaction: Redaction,
  places: PlaceList,
): RedactedBytes {
  if (contentCodings(headers.contentEncoding).length === 0) {
    return redactContent(bytes, headers, isWhole, redaction, places);
  }
  if (!isOfInterest(headers.contentType)) return unchanged;
  const decoded = decodeContent(bytes, headers.contentEncoding);
  if (decoded.kind !== "decoded") return { kind: "unreadable", undecoded: decoded };
  const redacted = redactContent(decoded.bytes, headers, isWhole, redaction, places);
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

/** Replaces the secrets in a body without content codings. */
function redactContent(
  bytes: Uint8Array,
  { contentType, messageEncoding }: BodyHeaders,
  isWhole: boolean,
  redaction: Redaction,
  places: PlaceList,
): RedactedBytes {
  const type = contentType === undefined ? undefined : mediaTypeOf(contentType);
  const wide = wideCharsetOf(type, bytes);
  if (wide !== undefined) return redactWide(bytes, wide, type, isWhole, redaction, places);
  const redactor = redactorFor(type, bytes);
  if (redactor === undefined) return unchanged;
  const content = { bytes, text: latin1(bytes), isWhole, type, messageEncoding };
  return redactedBytes(redactor, content, redaction, places, (text) => Buffer.from(text, "latin1"));
}

function redactedBytes(
  redactor: ContentRedactor,
  content: Content,
  redaction: Redaction,
  places: PlaceList,
  encode: (text: string) => Uint8Array,
): RedactedBytes {
  const inBody = new PlaceList();
  const redacted = redactor(content, redaction, inBody);
  switch (redacted.kind) {
    case "unchanged":
      return unchanged;
    case "damaged":
      return unreadable;
    case "redacted":
      places.addAll(inBody);
      return { kind: "redacted", bytes: encode(redacted.text) };
  }
}

type WideCharset = "utf-16le" | "utf-16be" | "unread";

/** Charsets that write ASCII with more than its bytes. Those that are not read are withheld. */
function wideCharsetOf(type: MediaType | undefined, bytes: Uint8Array): WideCharset | undefined {
  const charset = type?.parameters.get("charset")?.toLowerCase() ?? "";
  if (/^(?:utf-?32|ucs-?4|utf-?7)/.test(charset)) return "unread";
  const [first = 1, second = 1, third = 1, fourth = 1] = bytes;
  const isText = type === undefined || untoldTypes.has(type.essence) || readsAsText(type.essence);
  if (first === 0xff && second === 0xfe && isText) return third === 0 && fourth === 0 ? "unread" : "utf-16le";
  if (first === 0xfe && second === 0xff && isText) return "utf-16be";
  if (
    !/^(?:utf-?16|ucs-?2)/.test(charset) &&
    !(isText && (first === 0) !== (second === 0) && (third === 0) !== (fourth === 0))
  ) {
    return undefined;
  }
  return first === 0 ? "utf-16be" : "utf-16le";
}

/** Read as UTF-8 and written back: its byte order mark, where there is one, is a character like any other. */
function redactWide(
  bytes: Uint8Array,
  charset: WideCharset,
  type: MediaType | undefined,
  isWhole: boolean,
  redaction: Redaction,
  places: PlaceList,
): RedactedBytes {
  if (charset === "unread" || (bytes.length % 2 === 1 && isWhole)) return unreadable;
  const even = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)));
  const ordered = charset === "utf-16be" ? even.swap16() : even;
  const narrow = Buffer.from(ordered.toString("utf16le"), "utf8");
  const redactor = redactorFor(type, narrow);
  if (redactor === undefined) return unchanged;
  const content = { bytes: narrow, text: latin1(narrow), isWhole, type, messageEncoding: undefined };
  return redactedBytes(redactor, content, redaction, places, (text) => {
    const wide = Buffer.from(Buffer.from(text, "latin1").toString("utf8"), "utf16le");
    return charset === "utf-16be" ? wide.swap16() : wide;
  });
}

function readsAsText(essence: string): boolean {
  const redactor = redactorByType(essence);
  return redactor !== undefined && !binaryRedactors.has(redactor);
}

/** How a body is read; undefined for pictures and the like, in which nothing is looked for. */
function redactorFor(type: MediaType | undefined, bytes: Uint8Array): ContentRedactor | undefined {
  if (type !== undefined && !untoldTypes.has(type.essence)) return redactorByType(type.essence);
  if (beginsLike(bytes, "{[")) return json;
  return isBinary(bytes) ? anyBytes : text;
}

/** Types that say nothing, so that the bytes are looked at. */
const untoldTypes: ReadonlySet<string> = new Set(["text/plain", "application/octet-stream"]);

function redactorByType(essence: string): ContentRedactor | undefined {
  if (isGrpcType(essence)) return redactGrpc;
  if (essence.startsWith("application/grpc-web")) {
    return essence.startsWith("application/grpc-web-text") ? redactGrpcWebText : redactGrpc;
  }
  if (isJsonType(essence) || jsonLinesTypes.has(essence)) return json;
  if (essence === "application/x-www-form-urlencoded") return form;
  if (essence === "text/event-stream") return eventStream;
  if (essence.startsWith("multipart/")) return multipart;
  if (/^(?:text|application)\/(?:xml|html|xhtml\+xml)$|\+xml$/.test(essence)) return markup;
  if (protobufTypes.has(essence)) return redactBareProtobuf;
  if (mediaForm.test(essence)) return undefined;
  return essence.startsWith("text/") || textTypes.has(essence) ? text : anyBytes;
}

const jsonLinesTypes: ReadonlySet<string> = new Set([
  "application/jsonl",
  "application/ndjson",
  "application/x-jsonlines",
  "application/x-ndjson",
  "application/csp-report",
]);

const protobufTypes: ReadonlySet<string> = new Set([
  "application/protobuf",
  "application/x-protobuf",
  "application/vnd.google.protobuf",
]);

const textTypes: ReadonlySet<string> = new Set([
  "application/graphql",
  "application/javascript",
  "application/jwt",
  "application/toml",
  "application/x-yaml",
  "application/yaml",
  "application/sql",
]);

/** Pictures, sound and packed files: a secret in them would be one by accident. */
const mediaForm =
  /^(?:image\/(?!svg)|audio\/|video\/|font\/|application\/(?:gzip|zip|x-gzip|x-tar|zstd|x-7z-compressed|wasm|pdf|vnd\.(?:ms-|openxml).*|font-.*))/;

const json: ContentRedactor = ({ bytes, text: body, isWhole }, redaction, places) => {
  const redacted = redactJson(body, redaction, places, "body:", { isWhole, bytes });
  return redacted.kind === "unchanged" && !isWhole ? withoutCutSecret(body, redaction, places) : redacted;
};

const form: ContentRedactor = ({ text: body, isWhole }, redaction, places) => {
  const redacted = redactFormText(body, redaction, places, "form:", "form");
  return isWhole ? contentFrom(body, redacted) : withoutCutSecret(redacted, redaction, places, redacted !== body);
};

const eventStream: ContentRedactor = ({ text: body, isWhole }, redaction, places) => {
  const redacted = redactEventStream(body, redaction, places, isWhole);
  if (isWhole || redacted.kind === "damaged") return redacted;
  const isChanged = redacted.kind === "redacted";
  return withoutCutSecret(isChanged ? redacted.text : body, redaction, places, isChanged);
};

const multipart: ContentRedactor = (content, redaction, places) =>
  redactMultipart(content, redaction, places, (part, inRedaction, inPlaces) => {
    const redactor = redactorFor(part.type, part.bytes);
    if (redactor === undefined) return { kind: "unchanged" };
    return redactor(part, inRedaction, inPlaces);
  });

/** Of a cut body the last tag, where it is not whole, is left out: what its attributes are called may come after. */
const markup: ContentRedactor = (content, redaction, places) => {
  if (content.isWhole) return redactMarkup(content, redaction, places);
  const tagAt = content.text.lastIndexOf("<");
  const isCut = tagAt > content.text.lastIndexOf(">") && redaction.rules.scanner.mayHoldSecret(content.text);
  const before = isCut ? content.text.slice(0, tagAt) : content.text;
  if (isCut) places.add("body", "cut");
  const redacted = redactMarkup({ ...content, text: before }, redaction, places);
  return withoutCutSecret(
    redacted.kind === "redacted" ? redacted.text : before,
    redaction,
    places,
    redacted.kind === "redacted" || isCut,
  );
};

/** Free text: what is told by its form or by a name beside it. */
const text: ContentRedactor = ({ text: body, isWhole }, redaction, places) => {
  const rule = demandedBy(redaction, "body");
  const redacted =
    rule === undefined
      ? redactText(body, redaction, places, "body")
      : asText(body, (whole) => replaceWhole(whole, rule, redaction, places, "body"));
  return isWhole ? contentFrom(body, redacted) : withoutCutSecret(redacted, redaction, places, redacted !== body);
};

/** Bytes of no kind that is known: only what begins in a way that is no accident is looked for. */
const anyBytes: ContentRedactor = ({ text: body, isWhole }, redaction, places) => {
  const { rules } = redaction;
  if (demandedBy(redaction, "body") !== undefined) return { kind: "damaged" };
  const redacted = replaceSpans(body, rules.scanner.literalSpans(body), redaction, places, "body");
  return isWhole
    ? contentFrom(body, redacted)
    : withoutCutSecret(redacted, redaction, places, redacted !== body, false);
};

const binaryRedactors: ReadonlySet<ContentRedactor> = new Set([redactGrpc, redactBareProtobuf, anyBytes]);

/** What a cut text may end with is left out, where that may be the beginning of a secret. */
function withoutCutSecret(body: string, redaction: Redaction, places: PlaceList, isChanged = false, isText = true) {
  const dropped = redaction.rules.spares("body") ? 0 : cutSecretLength(body, { isText });
  if (dropped > 0) {
    places.add("body", "cut");
    return { kind: "redacted", text: body.slice(0, -dropped) } as const;
  }
  return isChanged ? ({ kind: "redacted", text: body } as const) : ({ kind: "unchanged" } as const);
}

/** Whether a body of this type is looked into at all, so that one that cannot be decoded may hold a secret. */
function isOfInterest(contentType: string | undefined): boolean {
  const type = contentType === undefined ? undefined : mediaTypeOf(contentType);
  return type === undefined || untoldTypes.has(type.essence) || redactorByType(type.essence) !== undefined;
}

function beginsLike(bytes: Uint8Array, characters: string): boolean {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return at < bytes.length && characters.includes(String.fromCharCode(bytes[at]!));
}

/** Text has no zero bytes and few control characters; the first kilobyte tells. */
function isBinary(bytes: Uint8Array): boolean {
  const end = Math.min(bytes.length, 1024);
  for (let at = 0; at < end; at++) {
    const byte = bytes[at]!;
    if (byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b)) return true;
  }
  return false;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
