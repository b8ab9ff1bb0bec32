import { TapeError } from "../errors.js";

/** What a record is: GoReplay's 1, 2 and 3. */
export type GorKind = "request" | "response" | "replayed-response";

/** One record of a .gor file. */
export interface GorRecord {
  kind: GorKind;
  /** Ties a request, its response and its replayed response together. */
  id: string;
  /** When it began, in nanoseconds since the epoch. */
  atNs: bigint;
  /** How long it took; what that means depends on GoReplay's version, see `timesOf`. Old versions leave it out of requests. */
  latencyNs?: bigint;
  /** The HTTP message as on the wire. */
  payload: Buffer;
}

const kinds: Readonly<Record<string, GorKind>> = { 1: "request", 2: "response", 3: "replayed-response" };
export const gorSeparator = "\n🐵🙈🙉\n";
const separator = Buffer.from(gorSeparator);
const longestRecordBytes = 256 * 2 ** 20;
const longestLineBytes = 1024;

/**
 * Reads the records of a .gor file, holding one at a time. Throws a TapeError of one line with the record's number and
 * place for what is none, is cut, or is longer than 256 MiB.
 */
export async function* readRecords(path: string, bytes: AsyncIterable<Buffer>): AsyncGenerator<GorRecord> {
  const file = new RecordCutter(path);
  for await (const chunk of file.guarded(bytes)) yield* file.push(chunk);
  file.end();
}

class RecordCutter {
  readonly #path: string;
  #held = Buffer.alloc(1 << 20);
  #heldBytes = 0;
  /** Where what is held begins in the file, unpacked. */
  #at = 0;
  #records = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** A file that cannot be unpacked or read any further is cut there. */
  async *guarded(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    try {
      yield* bytes;
    } catch (thrown) {
      if (thrown instanceof TapeError)
        throw new TapeError(`${thrown.message}; after ${this.#place()}`, { cause: thrown });
      throw thrown;
    }
  }

  *push(chunk: Buffer): Generator<GorRecord> {
    // The separator may have begun in the chunk before.
    let searchFrom = Math.max(0, this.#heldBytes - separator.length);
    this.#hold(chunk);
    const held = this.#held.subarray(0, this.#heldBytes);
    let start = 0;
    for (;;) {
      const end = held.indexOf(separator, searchFrom);
      if (end === -1) break;
      yield this.#record(held.subarray(start, end), this.#at + start);
      start = searchFrom = end + separator.length;
    }
    held.copy(this.#held, 0, start);
    this.#heldBytes -= start;
    this.#at += start;
  }

  end(): void {
    const left = this.#held.subarray(0, this.#heldBytes);
    if (left.some((byte) => byte !== 0x0a && byte !== 0x0d)) {
      throw new TapeError(`cannot import "${this.#path}": it ends inside a record, after ${this.#place()}`);
    }
  }

  #place(): string {
    return `${this.#records} records, at byte ${this.#at}`;
  }

  #hold(chunk: Buffer): void {
    const bytes = this.#heldBytes + chunk.length;
    if (bytes > longestRecordBytes + chunk.length) {
      throw new TapeError(`cannot import "${this.#path}": a record is longer than 256 MiB, after ${this.#place()}`);
    }
    if (bytes > this.#held.length) {
      const larger = Buffer.alloc(Math.max(bytes, this.#held.length * 2));
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldBytes);
    this.#heldBytes = bytes;
  }

  #record(bytes: Buffer, at: number): GorRecord {
    const lineEnd = bytes.subarray(0, longestLineBytes).indexOf(0x0a);
    const line = bytes.toString("latin1", 0, lineEnd === -1 ? Math.min(bytes.length, 60) : lineEnd).trim();
    const found = lineEnd === -1 ? undefined : /^([123]) (\S+) (\d{1,19})(?: (-?\d{1,19}))?$/.exec(line);
    if (!found) {
      const number = this.#records + 1;
      throw new TapeError(
        `cannot import "${this.#path}": record ${number}, at byte ${at}, begins with ${JSON.stringify(line.slice(0, 60))} where "TYPE ID TIME" belongs`,
      );
    }
    this.#records++;
    const [, type, id, time, latency] = found;
    const record: GorRecord = {
      kind: kinds[type!]!,
      id: id!,
      atNs: BigInt(time!),
      payload: Buffer.from(bytes.subarray(lineEnd + 1)),
    };
    if (latency !== undefined && !latency.startsWith("-")) record.latencyNs = BigInt(latency);
    return record;
  }
}
