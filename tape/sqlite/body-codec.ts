import { deflateRawSync, inflateRawSync } from "node:zlib";

/** How the bytes of a body row are written. The number is its code. */
const codec = { plain: 0, deflateRaw: 1 } as const;
// Below this deflate saves less than its own time is worth.
const smallestBytes = 128;
// What is smaller by less than a tenth is kept plain: it is read more often than it is written.
const worthwhile = 0.9;

// Up to this size half the time of deflate is to make its tables, so it gets small ones: the result is as small.
const smallBytes = 8192;
const forSmall = { level: 1, windowBits: 12, memLevel: 5, chunkSize: 2048 };
const forLarge = { level: 1 };

export interface CodedBytes {
  codec: number;
  bytes: Uint8Array;
}

export function encodeBody(bytes: Uint8Array): CodedBytes {
  if (bytes.length < smallestBytes) return { codec: codec.plain, bytes };
  const deflated = deflateRawSync(bytes, bytes.length <= smallBytes ? forSmall : forLarge);
  if (deflated.length > bytes.length * worthwhile) return { codec: codec.plain, bytes };
  return { codec: codec.deflateRaw, bytes: deflated };
}

/** Throws a RangeError for a codec not known here and for bytes that do not give `plainBytes` bytes. */
export function decodeBody(row: CodedBytes & { plainBytes: number }): Uint8Array {
  const bytes = plain(row);
  if (bytes.length !== row.plainBytes) {
    throw new RangeError(`a body has ${bytes.length} bytes where ${row.plainBytes} were stored`);
  }
  return bytes;
}

function plain(row: CodedBytes & { plainBytes: number }): Uint8Array {
  if (row.codec === codec.plain) return row.bytes;
  if (row.codec === codec.deflateRaw)
    return inflateRawSync(row.bytes, { maxOutputLength: Math.max(1, row.plainBytes) });
  throw new RangeError(`body codec ${row.codec} is not known`);
}
