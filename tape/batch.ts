export { decodeBatch } from "./batch/decoder.js";
export type { EncodedBatch } from "./batch/encoded-batch.js";
export { BatchEncoder } from "./batch/encoder.js";
