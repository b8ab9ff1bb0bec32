import { createHash } from "node:crypto";

/**
 * A number in [0, 1) drawn by hash of a seed and names, never from a running generator: the same seed, Step and rule
 * give the same draw in every lane, run and process.
 */
export function draw(seed: string, ...names: readonly (string | number)[]): number {
  const digest = createHash("sha256")
    .update(JSON.stringify([seed, ...names]))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
