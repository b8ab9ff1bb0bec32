/** One field as it stands on the wire (protobuf encoding): varints and fixed numbers as they are, unsigned. */
export type WireField =
  | { number: number; wire: "varint" | "fixed32" | "fixed64"; value: bigint; raw: Uint8Array }
  | { number: number; wire: "bytes"; value: Uint8Array };

/** What is read of one message, whatever it claims. */
export const wireBounds = { depth: 64, messageBytes: 1024 * 1024, fields: 10_000 } as const;

/** A varint of at most ten bytes; undefined when it is longer, or cut. */
export function readVarint(bytes: Uint8Array, from: number): { value: bigint; end: number } | undefined {
  let low = 0;
  for (let at = 0; at < 4; at++) {
    const byte = bytes[from + at];
    if (byte === undefined) return undefined;
    low |= (byte & 0x7f) << (at * 7);
    if (byte < 0x80) return { value: BigInt(low), end: from + at + 1 };
  }
  let value = BigInt(low);
  for (let at = 4; at < 10; at++) {
    const byte = bytes[from + at];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 0x7f) << BigInt(at * 7);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: from + at + 1 };
  }
  return undefined;
}

/** The fields of a message in their order; undefined when the bytes are none, or more than is read of one. */
export function readFields(bytes: Uint8Array): WireField[] | undefined {
  if (bytes.length > wireBounds.messageBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: WireField[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    if (tag === undefined || tag.value > 0xffff_ffffn || fields.length === wireBounds.fields) return undefined;
    const number = Number(tag.value >> 3n);
    const read = number === 0 ? undefined : readValue(bytes, view, tag.end, number, Number(tag.value & 7n));
    if (read === undefined) return undefined;
    fields.push(read.field);
    at = read.end;
  }
  return fields;
}

function readValue(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  number: number,
  wire: number,
): { field: WireField; end: number } | undefined {
  if (wire === 0) {
    const read = readVarint(bytes, at);
    if (read === undefined) return undefined;
    return { field: { number, wire: "varint", value: read.value, raw: bytes.subarray(at, read.end) }, end: read.end };
  }
  if (wire === 1 || wire === 5) {
    const end = at + (wire === 1 ? 8 : 4);
    if (end > bytes.length) return undefined;
    const raw = bytes.subarray(at, end);
    if (wire === 1) return { field: { number, wire: "fixed64", value: view.getBigUint64(at, true), raw }, end };
    return { field: { number, wire: "fixed32", value: BigInt(view.getUint32(at, true)), raw }, end };
  }
  const length = wire === 2 ? readVarint(bytes, at) : undefined;
  if (length === undefined || length.value > BigInt(bytes.length - length.end)) return undefined;
  const end = length.end + Number(length.value);
  return { field: { number, wire: "bytes", value: bytes.subarray(length.end, end) }, end };
}

/** Every varint of a packed field; undefined when the bytes are not made of such. */
export function readPackedVarints(bytes: Uint8Array): bigint[] | undefined {
  const values: bigint[] = [];
  for (let at = 0; at < bytes.length; ) {
    const read = readVarint(bytes, at);
    if (read === undefined) return undefined;
    values.push(read.value);
    at = read.end;
  }
  return values;
}
