import { brotliDecompressSync, constants, gunzipSync, inflateSync } from "node:zlib";
import { contentCodings, defaultDecodedLimitBytes, firstValue, type Message } from "../../message/index.js";

/** What is there decodes as far as it goes: the flush that ends a stream is not waited for. */
const sync = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: defaultDecodedLimitBytes };
const partialDecoders: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => gunzipSync(bytes, sync),
  "x-gzip": (bytes) => gunzipSync(bytes, sync),
  deflate: (bytes) => inflateSync(bytes, sync),
  br: (bytes) =>
    brotliDecompressSync(bytes, {
      finishFlush: constants.BROTLI_OPERATION_FLUSH,
      maxOutputLength: defaultDecodedLimitBytes,
    }),
};

/** The first bytes of a body, decoded as far as they go; as they came where that cannot be done. */
export function decodeKept(bytes: Uint8Array, { headers }: Message): Uint8Array {
  let decoded = bytes;
  for (const coding of contentCodings(firstValue(headers, "content-encoding")).reverse()) {
    try {
      decoded = partialDecoders[coding]?.(decoded) ?? decoded;
    } catch {
      return bytes;
    }
  }
  return decoded;
}
