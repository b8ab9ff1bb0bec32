import { keyedHashBytes } from "../../redaction/index.js";

/*
 * Bodies are stored many together. A body's number is that of its shelf times `bodiesPerShelf` plus its place there. A
 * shelf's directory has for each body its hash (16 bytes), the check of its kept bytes and their length (4 bytes each,
 * little-endian).
 */
export const bodiesPerShelf = 4096;
export const directoryEntryBytes = keyedHashBytes + 8;

// Large enough for what repeats from body to body to be found, small enough to be unpacked for one of them.
const fullBytes = 128 * 1024;

/** What tells a stored body from others. */
export interface BodyIdentity {
  /** Keyed, over the bytes of the wire: 16 bytes. */
  hash: Uint8Array;
  /** Of the kept bytes, where those are not the wire's: 0 where they are. */
  check: number;
}

/** A shelf as it is stored, before it is packed. */
export interface ShelfContents {
  bodies: number;
  directory: Uint8Array;
  plain: Uint8Array;
}

/** Bodies that are being put together. */
export class BodyShelfDraft {
  #bodies: Uint8Array[] = [];
  #identities: BodyIdentity[] = [];
  #usedBytes = 0;

  get isEmpty(): boolean {
    return this.#bodies.length === 0;
  }

  /** Whether there is room for so many bytes more: a body that is longer than a shelf gets one of its own. */
  hasRoomFor(bytes: number): boolean {
    return this.isEmpty || (this.#usedBytes + bytes <= fullBytes && this.#bodies.length < bodiesPerShelf);
  }

  /** Its place. The bytes are held, not copied, until `take`. */
  add(bytes: Uint8Array, identity: BodyIdentity): number {
    this.#usedBytes += bytes.length;
    this.#identities.push(identity);
    return this.#bodies.push(bytes) - 1;
  }

  take(): ShelfContents {
    const directory = Buffer.allocUnsafe(this.#bodies.length * directoryEntryBytes);
    this.#identities.forEach(({ hash, check }, at) => {
      const start = at * directoryEntryBytes;
      directory.set(hash, start);
      directory.writeUInt32LE(check, start + keyedHashBytes);
      directory.writeUInt32LE(this.#bodies[at]!.length, start + keyedHashBytes + 4);
    });
    const [only, ...more] = this.#bodies;
    const plain = more.length === 0 ? only! : Buffer.concat(this.#bodies, this.#usedBytes);
    const contents = { bodies: this.#bodies.length, directory, plain };
    this.clear();
    return contents;
  }

  clear(): void {
    this.#bodies = [];
    this.#identities = [];
    this.#usedBytes = 0;
  }
}

/** A shelf that was unpacked. Throws a RangeError when directory and bytes do not fit. */
export class ReadShelf {
  readonly plainBytes: number;
  readonly #plain: Uint8Array;
  readonly #directory: Buffer;
  readonly #offsets: number[] = [0];

  constructor(directory: Buffer, plain: Buffer) {
    this.#directory = directory;
    // A copy of a part of it is made in one go; of a Buffer it would be one more Buffer.
    this.#plain = new Uint8Array(plain.buffer, plain.byteOffset, plain.length);
    this.plainBytes = plain.length;
    let offset = 0;
    for (let start = keyedHashBytes + 4; start < directory.length; start += directoryEntryBytes) {
      offset += directory.readUInt32LE(start);
      this.#offsets.push(offset);
    }
    if (offset !== plain.length) throw new RangeError("bodies are not as long as they are said to be");
  }

  /** Bytes of its own, for whoever holds one body shall not hold all; undefined where there is no such body. */
  body(at: number): { bytes: Uint8Array; hash: string } | undefined {
    const [start, end] = [this.#offsets[at], this.#offsets[at + 1]];
    if (start === undefined || end === undefined) return undefined;
    const hashAt = at * directoryEntryBytes;
    return {
      bytes: this.#plain.slice(start, end),
      hash: this.#directory.toString("hex", hashAt, hashAt + keyedHashBytes),
    };
  }
}
