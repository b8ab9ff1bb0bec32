import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { check, OperatorError, reasonOf } from "../../base/index.js";

/** A call that is in every selection, with what people need to know it by. */
export interface Pin {
  id: number;
  /** `GET /reviews/1 200`: what it was when it was pinned. */
  call: string;
}

const pinsFile = z.strictObject({
  pins: z.array(z.strictObject({ id: z.int().positive(), call: z.string() })),
});

/** Beside the tape: inside a folder, so that it goes where the segments go; next to a file. */
export function pinsPathOf(tapePath: string): string {
  const isFolder = statSync(tapePath, { throwIfNoEntry: false })?.isDirectory() ?? tapePath.endsWith("/");
  return join(isFolder ? tapePath : dirname(tapePath), "pins.json");
}

/** None where there is no file. Throws an OperatorError for a file that is no list of pins. */
export function readPins(path: string): Pin[] {
  if (!existsSync(path)) return [];
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new OperatorError(`cannot read pins from ${path}: ${reasonOf(cause)}`, { cause });
  }
  return check(pinsFile, content, path).pins;
}

/** By id, each once; of two with one id the later. The file is replaced whole. */
export function writePins(path: string, pins: readonly Pin[]): void {
  const byId = new Map(pins.map((pin) => [pin.id, pin]));
  const sorted = [...byId.values()].sort((a, b) => a.id - b.id);
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, `${JSON.stringify({ pins: sorted }, null, 2)}\n`);
    renameSync(draft, path);
  } catch (cause) {
    throw new OperatorError(`cannot write pins to ${path}: ${reasonOf(cause)}`, { cause });
  }
}
