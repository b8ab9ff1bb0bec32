import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor.js";
import { OperatorError, reasonOf } from "../../../base/index.js";
import { bytesAsJson } from "./bytes-text.js";
import { numberAsJson } from "./inferred.js";
import { readFields, readVarint, type WireField, wireBounds } from "./wire.js";

/** The schemas of gRPC methods. */
export interface Descriptors {
  /** A message of a method's answer as JSON text by field names; undefined when the method is unknown or the bytes do not fit. */
  toJson(method: string, message: Uint8Array): string | undefined;
  knows(method: string): boolean;
}

/** Reads a FileDescriptorSet, as `protoc --include_imports --descriptor_set_out` or `buf build` write it. */
export function readDescriptors(path: string): Descriptors {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new OperatorError(`cannot read descriptors from ${path}: ${reasonOf(cause)}`, { cause });
  }
  try {
    return descriptorsOf(bytes);
  } catch (cause) {
    throw new OperatorError(
      `cannot read descriptors from ${path}: ${reasonOf(cause)}; make it with protoc --include_imports --descriptor_set_out=FILE`,
      { cause },
    );
  }
}

/** Throws when the bytes are no FileDescriptorSet, or one that lacks what it imports. */
export function descriptorsOf(fileDescriptorSet: Uint8Array): Descriptors {
  const root = protobuf.Root.fromDescriptor(descriptor.FileDescriptorSet.decode(fileDescriptorSet) as never, {
    keepCase: true,
  });
  root.resolveAll();
  const types = new Map<string, protobuf.Type | undefined>();
  const typeOf = (method: string) => {
    if (!types.has(method)) types.set(method, answerTypeOf(root, method));
    return types.get(method);
  };
  return {
    knows: (method) => typeOf(method) !== undefined,
    toJson(method, message) {
      const type = typeOf(method);
      return type === undefined ? undefined : objectOf(type, message, 0);
    },
  };
}

/** `/shop.Reviews/List` → the type of what it answers. */
function answerTypeOf(root: protobuf.Root, method: string): protobuf.Type | undefined {
  const [, service, name] = /^\/([\w.]+)\/(\w+)$/.exec(method) ?? [];
  if (service === undefined) return undefined;
  try {
    return root.lookupService(service).methods[name!]?.resolvedResponseType ?? undefined;
  } catch {
    return undefined;
  }
}

function objectOf(type: protobuf.Type, bytes: Uint8Array, depth: number): string | undefined {
  const read = depth > wireBounds.depth ? undefined : readFields(bytes);
  if (read === undefined) return undefined;
  const lists = new Map<protobuf.Field, string[]>();
  const unknown = new Map<number, string[]>();
  for (const field of read) {
    const known = type.fieldsById[field.number];
    const values = known === undefined ? [unknownValue(field)] : valuesOf(known, field, depth);
    if (values === undefined) return undefined;
    if (known === undefined) unknown.set(field.number, [...(unknown.get(field.number) ?? []), ...values]);
    else append(lists, known, values);
  }
  const members = [...lists].flatMap(([field, values]) => memberOf(field, values));
  // A name of a field never has a # in it.
  for (const [number, values] of unknown) members.push(`"#${number}":[${values.join()}]`);
  return `{${members.join()}}`;
}

function append(lists: Map<protobuf.Field, string[]>, field: protobuf.Field, values: readonly string[]): void {
  const known = lists.get(field);
  if (known === undefined) lists.set(field, [...values]);
  else for (const value of values) known.push(value);
}

/** None for a value that says no more than its absence (proto3, implicit presence). */
function memberOf(field: protobuf.Field, values: readonly string[]): string[] {
  const name = JSON.stringify(field.name);
  if (field.map) return [`${name}:{${lastOfEachKey(values)}}`];
  if (field.repeated) return [`${name}:[${values.join()}]`];
  const value = values.at(-1)!;
  return !field.hasPresence && isDefault(field, value) ? [] : [`${name}:${value}`];
}

/** Entries are written `"key":value`; the last one of a key counts, as parsers have it. */
function lastOfEachKey(entries: readonly string[]): string {
  const byKey = new Map<string, string>();
  for (const entry of entries) byKey.set(entry.slice(0, entry.indexOf('":') + 2), entry);
  return [...byKey.values()].join();
}

function isDefault(field: protobuf.Field, value: string): boolean {
  if (field.resolvedType instanceof protobuf.Enum) return value === JSON.stringify(field.resolvedType.valuesById[0]);
  return value === "0" || value === "false" || value === '""' || value === '"hex "';
}

function valuesOf(field: protobuf.Field, wire: WireField, depth: number): string[] | undefined {
  if (field.map) {
    const entry =
      wire.wire === "bytes" ? mapEntry(field as unknown as protobuf.MapField, wire.value, depth) : undefined;
    return entry === undefined ? undefined : [entry];
  }
  if (wire.wire === "bytes" && field.repeated && isPackable(field)) return packedValues(field, wire.value);
  const value = textOf(field.type, field.resolvedType, wire, depth);
  return value === undefined ? undefined : [value];
}

function mapEntry(field: protobuf.MapField, bytes: Uint8Array, depth: number): string | undefined {
  const read = readFields(bytes);
  if (read === undefined) return undefined;
  const [key, value] = [read.findLast(({ number }) => number === 1), read.findLast(({ number }) => number === 2)];
  const keyText = key === undefined ? defaultOf(field.keyType) : textOf(field.keyType, null, key, depth);
  const valueText =
    value === undefined
      ? field.resolvedType instanceof protobuf.Type
        ? "{}"
        : defaultOf(field.type)
      : textOf(field.type, field.resolvedType, value, depth);
  if (keyText === undefined || valueText === undefined) return undefined;
  return `${keyText.startsWith('"') ? keyText : JSON.stringify(keyText)}:${valueText}`;
}

function defaultOf(type: string): string {
  if (type === "string") return '""';
  if (type === "bytes") return '"hex "';
  return type === "bool" ? "false" : "0";
}

function isPackable({ type, resolvedType }: protobuf.Field): boolean {
  return type !== "string" && type !== "bytes" && !(resolvedType instanceof protobuf.Type);
}

const fixedBytes: Readonly<Record<string, number>> = {
  ...{ fixed32: 4, sfixed32: 4, float: 4 },
  ...{ fixed64: 8, sfixed64: 8, double: 8 },
};

function packedValues(field: protobuf.Field, bytes: Uint8Array): string[] | undefined {
  const width = fixedBytes[field.type];
  const values: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = width === undefined ? readVarint(bytes, at)?.end : at + width;
    if (end === undefined || end > bytes.length) return undefined;
    const raw = bytes.subarray(at, end);
    const value = width === undefined ? readVarint(raw, 0)!.value : 0n;
    values.push(scalar(field.type, field.resolvedType, value, raw));
    at = end;
  }
  return values;
}

function textOf(
  type: string,
  resolved: protobuf.Type | protobuf.Enum | null,
  wire: WireField,
  depth: number,
): string | undefined {
  if (wire.wire !== "bytes") {
    if (type === "string" || type === "bytes" || resolved instanceof protobuf.Type) return undefined;
    const width = fixedBytes[type];
    const fits = width === undefined ? wire.wire === "varint" : wire.raw.length === width && wire.wire !== "varint";
    return fits ? scalar(type, resolved, wire.value, wire.raw) : undefined;
  }
  if (resolved instanceof protobuf.Type) return objectOf(resolved, wire.value, depth + 1);
  if (type === "string" && isUtf8(wire.value)) return JSON.stringify(Buffer.from(wire.value).toString());
  return type === "bytes" || type === "string" ? bytesAsJson(wire.value) : undefined;
}

function scalar(type: string, resolved: protobuf.Type | protobuf.Enum | null, value: bigint, raw: Uint8Array): string {
  if (resolved instanceof protobuf.Enum) {
    const number = Number(BigInt.asIntN(32, value));
    const name = resolved.valuesById[number];
    return name === undefined ? String(number) : JSON.stringify(name);
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  switch (type) {
    case "bool":
      return String(value !== 0n);
    case "int32":
      return String(BigInt.asIntN(32, value));
    case "int64":
      return String(BigInt.asIntN(64, value));
    case "sint32":
    case "sint64":
      return String((value >> 1n) ^ -(value & 1n));
    case "sfixed32":
      return String(view.getInt32(0, true));
    case "sfixed64":
      return String(view.getBigInt64(0, true));
    case "fixed32":
      return String(view.getUint32(0, true));
    case "fixed64":
      return String(view.getBigUint64(0, true));
    case "float":
      return real(Math.fround(view.getFloat32(0, true)));
    case "double":
      return real(view.getFloat64(0, true));
    default:
      return String(value);
  }
}

/** JSON has no word for what is no number. */
function real(value: number): string {
  if (!Number.isFinite(value)) return JSON.stringify(String(value));
  return Object.is(value, -0) ? "-0" : String(value);
}

/** By wire type alone. */
function unknownValue(field: WireField): string {
  return field.wire === "bytes" ? bytesAsJson(field.value) : numberAsJson(field);
}
