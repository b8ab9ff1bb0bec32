import { createHash } from "node:crypto";

/** A number in [0, 1) drawn by hash of names: the same names give the same number in every process. */
export function drawnFrom(...names: readonly (string | number)[]): number {
  return createHash("sha256").update(JSON.stringify(names)).digest().readUIntBE(0, 6) / 2 ** 48;
}
