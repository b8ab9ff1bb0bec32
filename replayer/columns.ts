/** A column of numbers, one for each of many rows. */
export type Column =
  | Float64Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>;

/** The longer column, with what the shorter one held. */
export function grown<T extends Column>(from: T, to: T): T {
  to.set(from as never);
  return to;
}
