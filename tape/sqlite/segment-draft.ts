import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  createReadStream,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { adoptSegment } from "./adopt-segment.js";
import { isRunning, thisProcess } from "./process-id.js";
import { orTapeError } from "./trouble.js";

/**
 * A copy of a segment that is arriving in a folder, under a name that no reader of the folder looks at. What arrived before
 * the process was stopped is still there when the next one opens it.
 */
export class SegmentDraft {
  readonly #folder: string;
  readonly #path: string;
  readonly #lock: string;
  readonly #file: number;
  #bytes: number;

  private constructor(folder: string, path: string, lock: string) {
    this.#folder = folder;
    this.#path = path;
    this.#lock = lock;
    this.#file = openSync(path, "a");
    this.#bytes = fstatSync(this.#file).size;
  }

  /** Undefined while another process has it. Throws a TapeError where the folder cannot be written to. */
  static open(folder: string, id: string): SegmentDraft | undefined {
    return orTapeError("pull into", folder, () => {
      mkdirSync(folder, { recursive: true });
      const lock = join(folder, `.pull-${id}.lock`);
      return takeLock(lock) ? new SegmentDraft(folder, join(folder, `.pull-${id}.part`), lock) : undefined;
    });
  }

  /** How many bytes have arrived, now or before. */
  get bytes(): number {
    return this.#bytes;
  }

  append(piece: Uint8Array): void {
    orTapeError("pull into", this.#folder, () => {
      for (let at = 0; at < piece.length; ) at += writeSync(this.#file, piece, at);
    });
    this.#bytes += piece.length;
  }

  /** SHA-256 of all that has arrived, as hex. */
  async hash(): Promise<string> {
    const hash = createHash("sha256");
    for await (const piece of createReadStream(this.#path)) hash.update(piece as Buffer);
    return hash.digest("hex");
  }

  /** It is whole: becomes a segment of the folder, under `number` where that is free. Gives its path. */
  finish(number: number): string {
    return orTapeError("pull into", this.#folder, () => {
      fsyncSync(this.#file);
      chmodSync(this.#path, 0o444);
      const path = adoptSegment(this.#path, this.#folder, { number });
      this.leave();
      return path;
    });
  }

  /** What arrived is wrong. */
  discard(): void {
    rmSync(this.#path, { force: true });
    this.leave();
  }

  /** Lets it be until the next time; an empty one is not kept. */
  leave(): void {
    closeSync(this.#file);
    if (this.#bytes === 0) rmSync(this.#path, { force: true });
    rmSync(this.#lock, { force: true });
  }
}

function takeLock(path: string): boolean {
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, thisProcess());
  try {
    if (createLock(path)) return true;
    const owner = readOwner(path);
    if (owner === undefined || isRunning(owner) !== false) return false;
    // Its owner is gone. Of several that see this, the one whose rename is last has it.
    renameSync(mine, path);
    return readOwner(path) === thisProcess();
  } finally {
    rmSync(mine, { force: true });
  }
}

function createLock(path: string): boolean {
  try {
    writeFileSync(path, thisProcess(), { flag: "wx" });
    return true;
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === "EEXIST") return false;
    throw thrown;
  }
}

function readOwner(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
