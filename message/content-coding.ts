import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
} from "node:zlib";
import { OutputTooLarge, zstdDecode, zstdStore } from "./zstd.js";

/** What became of decoding a body. */
export type DecodedContent = { kind: "decoded"; bytes: Uint8Array } | UndecodedContent;

/** `coding` is the one that stopped it. */
export interface UndecodedContent {
  kind: "unknown-coding" | "damaged" | "too-large";
  coding: string;
}

/** How much one body may decode to unless said otherwise: 64 MiB, which stops compression bombs. */
export const defaultDecodedLimitBytes = 64 * 1024 * 1024;

interface ContentCoding {
  decode(bytes: Uint8Array, maxBytes: number): Uint8Array;
  /** Into the form that `original` has. */
  encode(bytes: Uint8Array, original: Uint8Array): Uint8Array;
}

const gzip: ContentCoding = {
  decode: (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength }),
  encode: (bytes) => gzipSync(bytes),
};

// "deflate" is zlib (RFC 1950) by the standard; raw deflate (RFC 1951) is sent by enough servers that clients take both.
const deflate: ContentCoding = {
  decode: (bytes, maxOutputLength) =>
    hasZlibHeader(bytes) ? inflateSync(bytes, { maxOutputLength }) : inflateRawSync(bytes, { maxOutputLength }),
  encode: (bytes, original) => (hasZlibHeader(original) ? deflateSync(bytes) : deflateRawSync(bytes)),
};

const brotli: ContentCoding = {
  decode: (bytes, maxOutputLength) => brotliDecompressSync(bytes, { maxOutputLength }),
  // Quality 11, the default, takes a hundred times as long for a tenth less.
  encode: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
};

const zstd: ContentCoding = { decode: zstdDecode, encode: (bytes) => zstdStore(bytes) };

const codings: ReadonlyMap<string, ContentCoding> = new Map([
  ["gzip", gzip],
  ["x-gzip", gzip],
  ["deflate", deflate],
  ["br", brotli],
  ["zstd", zstd],
]);

/** The codings of a `Content-Encoding` value in the order they were applied; `identity` left out. */
export function contentCodings(contentEncoding: string | undefined): string[] {
  if (contentEncoding === undefined) return [];
  const names = contentEncoding.split(",").map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== "" && name !== "identity");
}

/**
 * Undoes the codings of a whole body, the last applied first. An empty body is decoded as it is: HEAD and 304 answers
 * name a coding and have no bytes. Never throws.
 */
export function decodeContent(
  body: Uint8Array,
  contentEncoding: string | undefined,
  maxBytes = defaultDecodedLimitBytes,
): DecodedContent {
  let bytes = body;
  if (bytes.length === 0) return { kind: "decoded", bytes };
  for (const name of contentCodings(contentEncoding).reverse()) {
    const coding = codings.get(name);
    if (coding === undefined) return { kind: "unknown-coding", coding: name };
    try {
      bytes = coding.decode(bytes, maxBytes);
    } catch (thrown) {
      return { kind: isTooLarge(thrown) ? "too-large" : "damaged", coding: name };
    }
  }
  return { kind: "decoded", bytes };
}

/**
 * Applies the codings that `original` came with to changed bytes. Call it only when `original` decodes: an unknown
 * coding is an error of ours.
 */
export function encodeContent(
  changed: Uint8Array,
  contentEncoding: string | undefined,
  original: Uint8Array,
): Uint8Array {
  const names = contentCodings(contentEncoding);
  // The form of an inner coding shows only after the outer ones are undone.
  const forms = names.map((_, index) => decodeContent(original, names.slice(index + 1).join()));
  return names.reduce((bytes, name, index) => {
    const form = forms[index]!;
    const coding = codings.get(name);
    if (coding === undefined || form.kind !== "decoded") throw new Error(`cannot encode content as "${name}"`);
    return coding.encode(bytes, form.bytes);
  }, changed);
}

/** RFC 1950, section 2.2: method 8, window up to 32 KiB, and the two bytes as one number divisible by 31. */
function hasZlibHeader(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  return (first & 0x0f) === 8 && first >> 4 <= 7 && ((first << 8) | second) % 31 === 0;
}

function isTooLarge(thrown: unknown): boolean {
  return thrown instanceof OutputTooLarge || (thrown as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE";
}
