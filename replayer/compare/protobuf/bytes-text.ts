import { createHash } from "node:crypto";

/** Bytes as a JSON string: hex as long as that can be read, else how many and their hash. */
export function bytesAsJson(bytes: Uint8Array): string {
  if (bytes.length <= 64) return JSON.stringify(`hex ${Buffer.from(bytes).toString("hex")}`);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  return JSON.stringify(`${bytes.length} bytes, sha256 ${hash}`);
}
