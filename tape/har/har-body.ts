import { contentCodings, decodeContent, encodeContent, firstRawValue } from "../../message/index.js";
import type { CapturedBody } from "../captured.js";
import { type ImportNote, partOfBody, wholeBody, wireText } from "../import/imported.js";
import { bytesOfBase64, bytesOfText } from "./body-text.js";
import type { HarEntry } from "./schema.js";

const noBytes = new Uint8Array(0);

/** A body, the header fields that fit it (HAR holds bodies without their content coding), and what is to be said of it. */
export interface BodyOfHar {
  body: CapturedBody;
  headers: readonly string[];
  notes: readonly ImportNote[];
}

/** The body of a request: its text, or a form made of its parameters. */
export function requestBodyOf({ postData, bodySize }: HarEntry["request"], headers: readonly string[]): BodyOfHar {
  const statedBytes = statedLength(headers, bodySize);
  const type = postData?.mimeType ?? firstRawValue(headers, "content-type");
  const text = postData?.text ?? formOf(postData?.params, type);
  if (text === undefined || (text === "" && statedBytes > 0)) {
    return statedBytes > 0 ? missing(headers, statedBytes) : { body: wholeBody(noBytes), headers, notes: [] };
  }
  return withCoding(bytesOfText(text, type, statedBytes), headers, statedBytes);
}

/** The body of a response, with its content codings applied again: the fields say that it had them. */
export function responseBodyOf(
  { content, bodySize, status }: HarEntry["response"],
  headers: readonly string[],
  method: string,
): BodyOfHar {
  const cannotHaveBody = method === "HEAD" || method === "CONNECT" || status === 204 || status === 304 || status < 200;
  const statedBytes = cannotHaveBody ? 0 : Math.max(statedLength(headers, bodySize), content.size ?? -1);
  const bytes = contentBytes(content, headers);
  if (bytes !== undefined && (bytes.length > 0 || statedBytes <= 0)) {
    return withCoding(bytes, headers, cannotHaveBody ? 0 : statedLength(headers, undefined));
  }
  const isKnownEmpty = cannotHaveBody || statedBytes === 0;
  return isKnownEmpty ? { body: wholeBody(noBytes), headers, notes: [] } : missing(headers, statedBytes);
}

function contentBytes(content: HarEntry["response"]["content"], headers: readonly string[]): Uint8Array | undefined {
  const { text, encoding, mimeType } = content;
  if (typeof text !== "string") return undefined;
  if (encoding?.toLowerCase() === "base64") return bytesOfBase64(text);
  return bytesOfText(text, mimeType ?? firstRawValue(headers, "content-type"), content.size ?? undefined);
}

function withCoding(bytes: Uint8Array, headers: readonly string[], statedBytes: number): BodyOfHar {
  const coding = firstRawValue(headers, "content-encoding");
  if (contentCodings(coding).length === 0 || bytes.length === 0) {
    if (bytes.length >= statedBytes) return { body: wholeBody(bytes), headers, notes: [] };
    return { body: partOfBody(bytes, statedBytes), headers, notes: ["missing-body"] };
  }
  if (isCoded(bytes, coding)) return { body: wholeBody(bytes), headers, notes: [] };
  try {
    return { body: wholeBody(encodeContent(bytes, coding, noBytes)), headers, notes: [] };
  } catch {
    return { body: wholeBody(bytes), headers: without(headers, "content-encoding"), notes: ["coding-undone"] };
  }
}

/** Some write the bytes of the wire after all. Text is never mistaken: a coding begins with bytes that are none. */
function isCoded(bytes: Uint8Array, coding: string | undefined): boolean {
  const startsCoded = (bytes[0] === 0x1f && bytes[1] === 0x8b) || (bytes[0] === 0x28 && bytes[1] === 0xb5);
  return startsCoded && decodeContent(bytes, coding).kind === "decoded";
}

function missing(headers: readonly string[], statedBytes: number): BodyOfHar {
  return { body: partOfBody(noBytes, statedBytes), headers, notes: ["missing-body"] };
}

/** How long a body was on the wire, as far as it is said; -1 where it is not. */
function statedLength(headers: readonly string[], bodySize: number | null | undefined): number {
  const field = firstRawValue(headers, "content-length");
  return field !== undefined && /^\d{1,15}$/.test(field) ? Number(field) : (bodySize ?? -1);
}

type PostParams = NonNullable<HarEntry["request"]["postData"]>["params"];

/** Of a multipart form the parameters do not hold all, so it is none. */
function formOf(params: PostParams, type: string | undefined): string | undefined {
  if (!params || params.length === 0 || type === undefined || !/^application\/x-www-form-urlencoded/i.test(type)) {
    return undefined;
  }
  return params.map(({ name, value }) => (value == null ? name : `${name}=${value}`)).join("&");
}

function without(headers: readonly string[], lowerName: string): string[] {
  return headers.filter((_, at) => headers[at - (at % 2)]!.toLowerCase() !== lowerName);
}

/** Fields in Node's flat form. Pseudo fields of HTTP/2 are none; Chrome joins repeated fields by line feeds. */
export function flatHeaders(fields: HarEntry["request"]["headers"]): string[] {
  const flat: string[] = [];
  for (const { name, value } of fields) {
    if (name === "" || name.startsWith(":")) continue;
    for (const one of value.split("\n")) flat.push(wireText(name), wireText(one));
  }
  return flat;
}
