/**
 * Parts encoded once, on the traffic thread, into one buffer that is handed over by transfer, never copied or cloned.
 * Made by `BatchEncoder`, read by `decodeBatch`.
 */
export interface EncodedBatch {
  /** Holds the parts in its first `usedBytes`. */
  buffer: ArrayBuffer;
  usedBytes: number;
  parts: number;
}
