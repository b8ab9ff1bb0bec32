/**
 * The parts of a HAR that are looked at on their own, as bytes of JSON not yet parsed. `at` is where one begins in the
 * file, in bytes.
 */
export type HarPiece =
  /** A member of `log` other than `entries`. */
  { kind: "member"; key: string; json: Buffer; at: number } | { kind: "entry"; json: Buffer; at: number };

/** Why a HAR could not be cut further, and where. */
export class HarCut extends Error {
  constructor(
    readonly reason: string,
    /** Offset in the file, in bytes. */
    readonly at: number,
  ) {
    super(reason);
  }
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Where we are: before the file's object, in it, in `log`, in `entries`, behind it all. */
enum Level {
  before,
  file,
  log,
  entries,
  after,
}

enum Expect {
  keyOrEnd,
  key,
  colon,
  value,
  valueOrEnd,
  commaOrEnd,
}

/** The longest piece that is held; a longer one could not be made a string of. */
export const longestPieceBytes = 256 * 2 ** 20;

/**
 * Cuts the bytes of a HAR, which come in pieces of any size, into its entries and the other members of `log`, looking at
 * nothing but what separates them: what is inside is for `JSON.parse` to judge. Holds one piece at a time. Throws a
 * HarCut for what is no JSON object, has no `log.entries`, or ends early.
 */
export class HarCutter {
  #level = Level.before;
  #expect = Expect.valueOrEnd;
  #key = "";
  /** Bytes of the file before the chunk in hand. */
  #before = 0;
  #entriesSeen = false;
  readonly #capture = new Capture();

  *push(chunk: Buffer): Generator<HarPiece> {
    let at = this.#before === 0 && chunk.length >= 3 && chunk.readUIntBE(0, 3) === 0xefbbbf ? 3 : 0;
    while (at < chunk.length) {
      if (this.#capture.isOpen) {
        at = this.#capture.take(chunk, at, this.#before);
        if (!this.#capture.isOpen) yield* this.#captured();
      } else if (isSpace(chunk[at]!)) at++;
      else at = this.#step(chunk[at]!, at);
    }
    this.#before += chunk.length;
  }

  /** The file has ended: throws where it should not have. */
  end(): void {
    if (this.#level === Level.before) throw new HarCut("it is empty", this.#before);
    if (this.#level !== Level.after) throw new HarCut("it ends in the middle", this.#before);
    if (!this.#entriesSeen) throw new HarCut('it has no list "log.entries"', this.#before);
  }

  /** One character that is none of a captured value's. Gives where to go on. */
  #step(code: number, at: number): number {
    switch (this.#expect) {
      case Expect.colon:
        return this.#take(code === colon, Expect.value, at);
      case Expect.commaOrEnd:
        if (code === comma) return this.#take(true, this.#level === Level.entries ? Expect.value : Expect.key, at);
        return this.#close(code, at);
      case Expect.key:
        return this.#begin(code === quote, at);
      case Expect.keyOrEnd:
        return code === quote ? this.#begin(true, at) : this.#close(code, at);
      case Expect.valueOrEnd:
        if (this.#level === Level.entries && code === closeBracket) return this.#close(code, at);
        return this.#value(code, at);
      case Expect.value:
        return this.#value(code, at);
    }
  }

  #take(isRight: boolean, next: Expect, at: number): number {
    if (!isRight) this.#refuse(at);
    this.#expect = next;
    return at + 1;
  }

  #begin(isRight: boolean, at: number): number {
    if (!isRight) this.#refuse(at);
    this.#capture.begin(this.#before + at);
    return at;
  }

  #value(code: number, at: number): number {
    const inside = this.#levelInside(code);
    if (inside === undefined) return this.#begin(this.#level !== Level.before && this.#level !== Level.after, at);
    this.#level = inside;
    this.#expect = inside === Level.entries ? Expect.valueOrEnd : Expect.keyOrEnd;
    if (inside === Level.entries) this.#entriesSeen = true;
    return at + 1;
  }

  #levelInside(code: number): Level | undefined {
    if (this.#level === Level.before && code === openBrace) return Level.file;
    if (this.#level === Level.file && code === openBrace && this.#key === "log") return Level.log;
    if (this.#level === Level.log && code === openBracket && this.#key === "entries") return Level.entries;
    return undefined;
  }

  #close(code: number, at: number): number {
    const wanted = this.#level === Level.entries ? closeBracket : closeBrace;
    if (code !== wanted) this.#refuse(at);
    if (this.#level === Level.file) {
      this.#level = Level.after;
      this.#expect = Expect.value;
    } else {
      this.#level -= 1;
      this.#expect = Expect.commaOrEnd;
    }
    return at + 1;
  }

  *#captured(): Generator<HarPiece> {
    const { json, at } = this.#capture.taken();
    if (this.#expect === Expect.key || this.#expect === Expect.keyOrEnd) {
      this.#key = keyOf(json, at);
      this.#expect = Expect.colon;
      return;
    }
    this.#expect = Expect.commaOrEnd;
    if (this.#level === Level.entries) yield { kind: "entry", json, at };
    else if (this.#level === Level.log) yield { kind: "member", key: this.#key, json, at };
  }

  #refuse(at: number): never {
    throw new HarCut("it is not JSON of the form of a HAR", this.#before + at);
  }
}

/** Collects the bytes of one JSON value, over as many chunks as it takes, by its brackets and quotes. */
class Capture {
  isOpen = false;
  #at = 0;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;

  begin(at: number): void {
    this.isOpen = true;
    this.#at = at;
    this.#pieces = [];
    this.#bytes = 0;
    this.#depth = 0;
    this.#inString = false;
    this.#escaped = false;
  }

  /** Takes what belongs to the value from `from` on, closes when it is whole, and gives where to go on. */
  take(chunk: Buffer, from: number, before: number): number {
    const end = this.#endIn(chunk, from);
    const piece = chunk.subarray(from, end);
    this.#bytes += piece.length;
    if (this.#bytes > longestPieceBytes) throw new HarCut("one value in it is longer than 256 MiB", before + from);
    this.#pieces.push(piece);
    return end;
  }

  taken(): { json: Buffer; at: number } {
    const json = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces, this.#bytes);
    this.#pieces = [];
    return { json, at: this.#at };
  }

  #endIn(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length) {
      if (this.#inString) {
        at = this.#toEndOfString(chunk, at);
        if (!this.#inString && this.#depth === 0) return this.#closed(at);
        continue;
      }
      const code = chunk[at]!;
      if (code === quote) this.#inString = true;
      else if (code === openBrace || code === openBracket) this.#depth++;
      else if (code === closeBrace || code === closeBracket) {
        // A bracket that is not ours ends a bare number or word.
        if (this.#depth === 0) return this.#closed(at);
        if (--this.#depth === 0) return this.#closed(at + 1);
      } else if (this.#depth === 0 && (code === comma || isSpace(code))) return this.#closed(at);
      at++;
    }
    return at;
  }

  /** Goes behind the closing quote, or to the end of the chunk. Most of a HAR is strings, so they are skipped natively. */
  #toEndOfString(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length) {
      const next = chunk.indexOf(quote, at);
      const end = next === -1 ? chunk.length : next;
      const escapes = this.#endsEscaped(chunk, at, end);
      this.#escaped = escapes && next === -1;
      if (next === -1) return end;
      at = next + 1;
      if (escapes) continue;
      this.#inString = false;
      return at;
    }
    return at;
  }

  /** Whether what comes at `end` is escaped: an odd number of backslashes stands before it. */
  #endsEscaped(chunk: Buffer, from: number, end: number): boolean {
    let at = end;
    while (at > from && chunk[at - 1] === backslash) at--;
    const odd = ((end - at) & 1) === 1;
    return at === from && this.#escaped ? !odd : odd;
  }

  #closed(at: number): number {
    this.isOpen = false;
    return at;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function keyOf(json: Buffer, at: number): string {
  try {
    return JSON.parse(json.toString("utf8")) as string;
  } catch {
    throw new HarCut("it is not JSON of the form of a HAR", at);
  }
}
