import { WireReader } from "../grpc/wire-reader.js";

/** What Envoy says about its side of a call: attributes by name (`response.flags`), those of a simple type. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** One message of an external processor's stream, read as far as a recorder needs it. */
export type ProcessingMessage =
  | {
      kind: "request-headers" | "response-headers";
      /** Name, value, name, value …; pseudo-fields among them. */
      fields: readonly string[];
      isLast: boolean;
      attributes: Attributes;
    }
  /** The bytes are a view into the message. */
  | { kind: "request-body" | "response-body"; bytes: Uint8Array; isLast: boolean }
  | { kind: "request-trailers" | "response-trailers"; fields: readonly string[] }
  /** Nothing of it is known here. */
  | { kind: "other" };

/** Tags (field number × 8 + wire type) as they are in proto/external_processor.proto. */
const tags = {
  requestHeaders: 2 * 8 + 2,
  responseHeaders: 3 * 8 + 2,
  requestBody: 4 * 8 + 2,
  responseBody: 5 * 8 + 2,
  requestTrailers: 6 * 8 + 2,
  responseTrailers: 7 * 8 + 2,
  attributes: 9 * 8 + 2,
} as const;
const first = 1 * 8 + 2;
const second = 2 * 8 + 2;
const headersLast = 3 * 8;
const bodyLast = 2 * 8;
const headerValue = { key: 1 * 8 + 2, value: 2 * 8 + 2, rawValue: 3 * 8 + 2 } as const;
const structValue = { number: 2 * 8 + 1, text: 3 * 8 + 2, bool: 4 * 8 } as const;

const noAttributes: Attributes = {};
const noBytes = new Uint8Array(0);

/** Reads a `ProcessingRequest` (envoy.service.ext_proc.v3). Throws a RangeError for bytes that are none. */
export function readProcessingMessage(bytes: Uint8Array): ProcessingMessage {
  const reader = new WireReader(bytes);
  let message: ProcessingMessage = { kind: "other" };
  const attributes: Record<string, string | number | boolean> = {};
  while (reader.hasMore) {
    const tag = reader.varint();
    if (tag === tags.attributes) readAttributes(reader, attributes);
    else message = readStep(reader, tag) ?? message;
  }
  if (message.kind === "request-headers" || message.kind === "response-headers") message.attributes = attributes;
  return message;
}

function readStep(reader: WireReader, tag: number): ProcessingMessage | undefined {
  switch (tag) {
    case tags.requestHeaders:
      return readHeaders(reader, "request-headers");
    case tags.responseHeaders:
      return readHeaders(reader, "response-headers");
    case tags.requestBody:
      return readBody(reader, "request-body");
    case tags.responseBody:
      return readBody(reader, "response-body");
    case tags.requestTrailers:
      return { kind: "request-trailers", fields: readTrailers(reader) };
    case tags.responseTrailers:
      return { kind: "response-trailers", fields: readTrailers(reader) };
    default:
      reader.skip(tag);
      return undefined;
  }
}

function readHeaders(reader: WireReader, kind: "request-headers" | "response-headers"): ProcessingMessage {
  const fields: string[] = [];
  let isLast = false;
  const outer = reader.enter();
  while (reader.hasMore) {
    const tag = reader.varint();
    if (tag === first) readHeaderMap(reader, fields);
    else if (tag === headersLast) isLast = reader.varint() !== 0;
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { kind, fields, isLast, attributes: noAttributes };
}

function readBody(reader: WireReader, kind: "request-body" | "response-body"): ProcessingMessage {
  let bytes: Uint8Array = noBytes;
  let isLast = false;
  const outer = reader.enter();
  while (reader.hasMore) {
    const tag = reader.varint();
    if (tag === first) bytes = reader.bytes();
    else if (tag === bodyLast) isLast = reader.varint() !== 0;
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { kind, bytes, isLast };
}

function readTrailers(reader: WireReader): string[] {
  const fields: string[] = [];
  const outer = reader.enter();
  while (reader.hasMore) {
    const tag = reader.varint();
    if (tag === first) readHeaderMap(reader, fields);
    else reader.skip(tag);
  }
  reader.leave(outer);
  return fields;
}

function readHeaderMap(reader: WireReader, fields: string[]): void {
  const outer = reader.enter();
  while (reader.hasMore) {
    const tag = reader.varint();
    if (tag === first) readHeaderValue(reader, fields);
    else reader.skip(tag);
  }
  reader.leave(outer);
}

/** Envoy gives values in `raw_value`; older ones, and others that speak the protocol, in `value`. */
function readHeaderValue(reader: WireReader, fields: string[]): void {
  let name = "";
  let value = "";
  const outer = reader.enter();
  while (reader.hasMore) {
    const tag = reader.varint();
    if (tag === headerValue.key) name = reader.text();
    else if (tag === headerValue.rawValue) value = reader.text();
    else if (tag === headerValue.value) value = reader.text() || value;
    else reader.skip(tag);
  }
  reader.leave(outer);
  fields.push(name, value);
}

/** One entry: the filter's name, and a `Struct` with what it says. */
function readAttributes(reader: WireReader, into: Record<string, string | number | boolean>): void {
  const outer = reader.enter();
  while (reader.hasMore) {
    const tag = reader.varint();
    if (tag === second) readStruct(reader, into);
    else reader.skip(tag);
  }
  reader.leave(outer);
}

function readStruct(reader: WireReader, into: Record<string, string | number | boolean>): void {
  const outer = reader.enter();
  while (reader.hasMore) {
    const tag = reader.varint();
    if (tag === first) readStructField(reader, into);
    else reader.skip(tag);
  }
  reader.leave(outer);
}

function readStructField(reader: WireReader, into: Record<string, string | number | boolean>): void {
  let name = "";
  let value: string | number | boolean | undefined;
  const outer = reader.enter();
  while (reader.hasMore) {
    const tag = reader.varint();
    if (tag === first) name = reader.text();
    else if (tag === second) value = readValue(reader);
    else reader.skip(tag);
  }
  reader.leave(outer);
  if (value !== undefined && name !== "__proto__") into[name] = value;
}

function readValue(reader: WireReader): string | number | boolean | undefined {
  let value: string | number | boolean | undefined;
  const outer = reader.enter();
  while (reader.hasMore) {
    const tag = reader.varint();
    if (tag === structValue.text) value = reader.text();
    else if (tag === structValue.number) value = reader.double();
    else if (tag === structValue.bool) value = reader.varint() !== 0;
    else reader.skip(tag);
  }
  reader.leave(outer);
  return value;
}
