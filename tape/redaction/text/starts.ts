/*
 * Where something known may begin, told by its first three characters. A text is looked at two bytes at a time: every run
 * of three holds one such pair whole, as its first two or its last two, so half of the looks are enough. What a table of
 * all pairs lets through is looked up by all three.
 */

/** What a pair may be: the first two characters of a start, the last two, and the same of a shape. */
const firstTwo = 1;
const lastTwo = 2;
const shapeFirstTwo = 4;
const shapeLastTwo = 8;

/** Three characters, case folded, in 15 bits: different ones may meet, which only costs a look. */
const hashMask = 0x7fff;

/** Bytes of a text that are looked at together: a copy, so that pairs are where the processor wants them. */
const pieceBytes = 16 * 1024;
/** A run of three, or a shape of four, that begins at the end of a piece is seen whole in the next. */
const overlapBytes = 4;

const piece = Buffer.from(new ArrayBuffer(pieceBytes + overlapBytes));
const pairsOfPiece = new Uint16Array(piece.buffer);
const one = new Uint8Array(2);
const pairOfOne = new Uint16Array(one.buffer);

/** A start was met: where, by which of the bits it was added with, and by which hash. */
type OnStart = (at: number, bits: number, hash: number) => void;

/** Starts to look for. Made once per set of rules. */
export class StartTable {
  readonly #pairs = new Uint8Array(2 ** 16);
  readonly #bits = new Uint8Array(hashMask + 1);

  /** Looks for what begins like this: its first three characters count. Gives the hash that it is met with. */
  add(start: string, bit: number, { anyCase }: { anyCase: boolean }): number {
    const [first, second, third] = Array.from(start.slice(0, 3), (character) => spellings(character, anyCase));
    if (third === undefined) return hashOf(start);
    this.#mark(first!, second!, firstTwo);
    this.#mark(second!, third, lastTwo);
    this.#bits[hashOf(start)]! |= bit;
    return hashOf(start);
  }

  /** Has `walk` say whether two capital letters with two digits after them are in the text. */
  addCapitalsAndDigits(): void {
    const capitals = range(0x41, 0x5a);
    this.#mark(capitals, capitals, shapeFirstTwo);
    this.#mark(capitals, range(0x30, 0x39), shapeLastTwo);
  }

  #mark(firsts: readonly number[], seconds: readonly number[], bit: number): void {
    for (const first of firsts) for (const second of seconds) this.#pairs[pairOf(first, second)]! |= bit;
  }

  /**
   * Tells of every start in a text, in order; a few that are none may be among them. `bytes` is the text as latin1, where
   * the caller has it. True when capitals and digits were asked for and met. Who is told must not walk.
   */
  walk(text: string, bytes: Uint8Array | undefined, onStart: OnStart): boolean {
    let hasShape = false;
    for (let from = 0; from + 2 < text.length; from += pieceBytes) {
      const length = Math.min(text.length - from, pieceBytes + overlapBytes);
      if (bytes !== undefined) piece.set(bytes.subarray(from, from + length));
      else piece.write(length === text.length ? text : text.slice(from, from + length), "latin1");
      if (this.#walkPiece(from, length, onStart)) hasShape = true;
    }
    return hasShape;
  }

  #walkPiece(from: number, length: number, onStart: OnStart): boolean {
    const pairs = this.#pairs;
    // The first pair of the next piece may end what begins in this one.
    const end = Math.min(length, pieceBytes + 2);
    let hasShape = false;
    for (let at = 0; at < end; at += 2) {
      const seen = pairs[pairsOfPiece[at >> 1]!]!;
      if (seen === 0) continue;
      if ((seen & lastTwo) !== 0 && at > 0 && at + 1 < length) this.#tell(from, at - 1, onStart);
      if ((seen & firstTwo) !== 0 && at + 2 < length) this.#tell(from, at, onStart);
      if (seen >= shapeFirstTwo && !hasShape) hasShape = isShape(seen, at, length);
    }
    return hasShape;
  }

  #tell(from: number, at: number, onStart: OnStart): void {
    if (at >= pieceBytes) return;
    const hash = hashOfThree(piece[at]!, piece[at + 1]!, piece[at + 2]!);
    const bits = this.#bits[hash]!;
    if (bits !== 0) onStart(from + at, bits, hash);
  }
}

function isShape(seen: number, at: number, length: number): boolean {
  if ((seen & shapeFirstTwo) !== 0 && at + 3 < length && isDigit(piece[at + 2]!) && isDigit(piece[at + 3]!))
    return true;
  return (
    (seen & shapeLastTwo) !== 0 && at > 0 && at + 2 < length && isCapital(piece[at - 1]!) && isDigit(piece[at + 2]!)
  );
}

function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function hashOf(start: string): number {
  return hashOfThree(start.charCodeAt(0), start.charCodeAt(1), start.charCodeAt(2));
}

function hashOfThree(first: number, second: number, third: number): number {
  return (((first | 0x20) << 10) ^ ((second | 0x20) << 5) ^ (third | 0x20)) & hashMask;
}

/** As the bytes of a pair are read on this machine. */
function pairOf(first: number, second: number): number {
  one[0] = first;
  one[1] = second;
  return pairOfOne[0]!;
}

function spellings(character: string, anyCase: boolean): readonly number[] {
  if (!anyCase) return [character.charCodeAt(0)];
  return [...new Set([character.toLowerCase(), character.toUpperCase()])].map((spelled) => spelled.charCodeAt(0));
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
