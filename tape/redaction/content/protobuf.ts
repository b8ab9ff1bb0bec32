import { isUtf8 } from "node:buffer";
import { redactEmbedded } from "../json.js";
import type { PlaceList } from "../places.js";
import { pseudonymOf } from "../pseudonym.js";
import { demandedBy, mayReplace, type Redaction } from "../rules/redaction.js";
import { replaceWhole } from "../text/text.js";

/** Wire types of Protocol Buffers ("Encoding"); groups are not read. */
const varint = 0;
const fixed64 = 1;
const lengthDelimited = 2;
const fixed32 = 5;

interface Field {
  number: number;
  wire: number;
  /** Where its tag begins. */
  start: number;
  /** Where its value begins: of a length-delimited one after the length. */
  valueStart: number;
  end: number;
}

const deepest = 32;

/**
 * Redacts a message of Protocol Buffers without its schema: every length-delimited field that is text is searched as text,
 * every one that reads as a message is walked, and lengths are written anew. Names are not on the wire, so what is secret
 * by its name alone is not found: give its place (`body:/2/1`: the numbers of the fields). The same bytes when there is
 * nothing to replace; undefined when this is no message.
 */
export function redactProtobuf(
  bytes: Uint8Array,
  redaction: Redaction,
  places: PlaceList,
  place: string,
  depth = 0,
): Uint8Array | undefined {
  const fields = depth > deepest ? undefined : fieldsOf(bytes);
  if (fields === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  let copiedTo = 0;
  for (const field of fields) {
    const value = bytes.subarray(field.valueStart, field.end);
    const replaced = redactField(field, value, redaction, places, `${place}/${field.number}`, depth);
    if (replaced === value) continue;
    pieces.push(bytes.subarray(copiedTo, field.start), tagOf(field), lengthOf(field, replaced), replaced);
    copiedTo = field.end;
  }
  if (copiedTo === 0) return bytes;
  return Buffer.concat([...pieces, bytes.subarray(copiedTo)]);
}

function redactField(
  field: Field,
  value: Uint8Array,
  redaction: Redaction,
  places: PlaceList,
  place: string,
  depth: number,
): Uint8Array {
  const rule = demandedBy(redaction, place);
  if (field.wire !== lengthDelimited) {
    return rule === undefined ? value : replaceNumeric(field, value, rule, redaction, places, place);
  }
  const isText = isPrintable(value);
  if (rule === undefined || !isText) {
    const inner = value.length === 0 ? value : redactProtobuf(value, redaction, places, place, depth + 1);
    if (inner !== undefined && (inner !== value || rule !== undefined)) return inner;
    // What was replaced within it before is not to be found again as a part of a text around it.
    if (inner !== undefined && redaction.done !== undefined && holdsText(value)) return inner;
  }
  if (rule !== undefined) return replaceBytes(value, isText, rule, redaction, places, place);
  return isText ? textIn(value, redaction, places, place) : value;
}

/** A field of these bytes, read as a message, is text of more than a few characters: that is no accident. */
function holdsText(bytes: Uint8Array): boolean {
  return (fieldsOf(bytes) ?? []).some(
    ({ wire, valueStart, end }) =>
      wire === lengthDelimited && end - valueStart >= 4 && isPrintable(bytes.subarray(valueStart, end)),
  );
}

function textIn(value: Uint8Array, redaction: Redaction, places: PlaceList, place: string): Uint8Array {
  const text = bufferOf(value).toString("utf8");
  const redacted = redactEmbedded(text, redaction, places, place);
  return redacted === text ? value : Buffer.from(redacted, "utf8");
}

function replaceBytes(
  value: Uint8Array,
  isText: boolean,
  rule: string,
  redaction: Redaction,
  places: PlaceList,
  place: string,
): Uint8Array {
  const encoding = isText ? "utf8" : "latin1";
  const before = bufferOf(value).toString(encoding);
  const after = replaceWhole(before, rule, redaction, places, place, (whole) => ({
    text: pseudonymOf(whole, redaction.key),
    byClass: false,
  }));
  return after === before ? value : Buffer.from(after, encoding);
}

/** Numbers are one class: they are too short to stay distinct. */
function replaceNumeric(
  field: Field,
  value: Uint8Array,
  rule: string,
  redaction: Redaction,
  places: PlaceList,
  place: string,
): Uint8Array {
  if (!mayReplace(redaction, place, rule)) return value;
  places.add(place, rule, true);
  return field.wire === varint ? Uint8Array.of(1) : new Uint8Array(value.length);
}

function isPrintable(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return false;
  return isUtf8(bytes);
}

/** Undefined when the bytes are no fields from beginning to end. */
function fieldsOf(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const field = fieldAt(bytes, at);
    if (field === undefined || field.end > bytes.length) return undefined;
    fields.push(field);
    at = field.end;
  }
  return fields;
}

function fieldAt(bytes: Uint8Array, start: number): Field | undefined {
  const tag = varintAt(bytes, start);
  if (tag === undefined || tag.value < 8) return undefined;
  const number = Math.floor(tag.value / 8);
  const wire = tag.value % 8;
  const valueStart = tag.end;
  if (number > 0x1fffffff) return undefined;
  switch (wire) {
    case varint: {
      const value = varintAt(bytes, valueStart);
      return value && { number, wire, start, valueStart, end: value.end };
    }
    case fixed64:
      return { number, wire, start, valueStart, end: valueStart + 8 };
    case fixed32:
      return { number, wire, start, valueStart, end: valueStart + 4 };
    case lengthDelimited: {
      const length = varintAt(bytes, valueStart);
      return length && { number, wire, start, valueStart: length.end, end: length.end + length.value };
    }
    default:
      return undefined;
  }
}

/** At most ten bytes; values beyond 2^53 lose what nobody asks for. */
function varintAt(bytes: Uint8Array, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let at = start; at < bytes.length && at < start + 10; at++) {
    value += (bytes[at]! & 0x7f) * 2 ** (7 * (at - start));
    if (bytes[at]! < 0x80) return { value, end: at + 1 };
  }
  return undefined;
}

function tagOf({ number, wire }: Field): Uint8Array {
  return varintBytes(number * 8 + wire);
}

function lengthOf({ wire }: Field, value: Uint8Array): Uint8Array {
  return wire === lengthDelimited ? varintBytes(value.length) : new Uint8Array(0);
}

function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Uint8Array.of(...bytes, rest);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
