import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { segmentKind } from "./format.js";
import { openForReading } from "./open-database.js";
import { readMeta } from "./schema.js";
import { listSegments, looksSealed } from "./segment-folder.js";

/** A segment that will never change. */
export interface SealedSegment {
  /** The same for each copy of it, whatever that is called: 16 hex digits, made of its number, key and times. */
  id: string;
  path: string;
  /** Its own number, as its recorder gave it. */
  number: number;
  bytes: number;
  /** Of the redaction key. */
  keyId: string;
}

/** The sealed segments of one folder. What is known of one is remembered: it cannot change, and reading it takes a while. */
export class SealedSegments {
  readonly #folder: string;
  readonly #known = new Map<string, SealedSegment>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** By number. Reads one segment a turn, so that other work of the process goes on. Damaged ones are left out. */
  async list(): Promise<SealedSegment[]> {
    const found: SealedSegment[] = [];
    for (const path of listSegments(this.#folder)) {
      const segment = await this.#look(path);
      if (segment) found.push(segment);
    }
    return found;
  }

  async #look(path: string): Promise<SealedSegment | undefined> {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat || !looksSealed(path)) return undefined;
    const name = `${path} ${stat.ino} ${stat.size}`;
    const known = this.#known.get(name);
    if (known) return known;
    await setImmediate();
    const segment = readSealed(path, stat.size);
    if (segment) this.#known.set(name, segment);
    return segment;
  }
}

function readSealed(path: string, bytes: number): SealedSegment | undefined {
  try {
    const db = openForReading(path, segmentKind);
    try {
      const { number, keyId, createdNs, sealedNs } = readMeta(db);
      if (sealedNs === undefined) return undefined;
      const id = createHash("sha256").update(`${keyId} ${number} ${createdNs} ${sealedNs}`).digest("hex").slice(0, 16);
      return { id, path, number, bytes, keyId };
    } finally {
      db.close();
    }
  } catch {
    return undefined;
  }
}
