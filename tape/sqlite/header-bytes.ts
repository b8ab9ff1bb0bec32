import { type HeaderList, headerListFromRaw } from "../../message/index.js";

/*
 * A header list as the bytes "name NUL value NUL …": one byte a character, for header text is latin1.
 */

/** From Node's flat form: name, value, name, value … */
export function headerBytes(flat: readonly string[]): Uint8Array {
  return Buffer.from(flat.length === 0 ? "" : `${flat.join("\0")}\0`, "latin1");
}

/** Throws a RangeError when the bytes are no header list. No bytes are an empty list. */
export function headersFromBytes(bytes: Buffer | null): HeaderList {
  if (bytes === null || bytes.length === 0) return [];
  const flat = bytes.toString("latin1").split("\0");
  if (flat.pop() !== "" || flat.length % 2 !== 0) throw new RangeError("header bytes without their closing NUL");
  return headerListFromRaw(flat);
}
