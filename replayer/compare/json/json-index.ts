enum Char {
  quote = 0x22,
  comma = 0x2c,
  minus = 0x2d,
  dot = 0x2e,
  zero = 0x30,
  nine = 0x39,
  colon = 0x3a,
  openBracket = 0x5b,
  backslash = 0x5c,
  closeBracket = 0x5d,
  openBrace = 0x7b,
  closeBrace = 0x7d,
}

enum Expect {
  value,
  valueOrEnd,
  key,
  keyOrEnd,
  after,
}

/** Numbers per node: where its text begins and ends, the node after all that is within it, and its hash. */
const width = 4;
/** More values than this in one text are not taken apart: 128 MB of index. */
export const mostNodes = 8_000_000;
/** What stays allocated between two texts: 4 MB. Fresh memory costs more than what is done with it. */
const keptNodes = 262_144;

/** Numbers per open container. */
const openWidth = 4;

const prime = 0x01000193;
const objectSeed = 0x2f1b8d3d;
const arraySeed = 0x51ed270b;

const noText = Buffer.alloc(0);

/**
 * Every value and key of a JSON text (RFC 8259) by where it stands, made in one pass without building a value: a node has
 * its bounds in the bytes, the node that follows its subtree, and a hash. Values that are equal whatever the order of
 * their members, the white space and the escapes have equal hashes; that hashes are equal proves nothing. Iterative: depth costs memory, not stack.
 *
 * An index is used again for the next text, so nothing of it may be kept.
 */
export class JsonIndex {
  text: Buffer = noText;
  count = 0;
  /** It holds more values than {@link mostNodes}. */
  tooLarge = false;
  #words: DataView | undefined;
  #nodes: Int32Array = new Int32Array(1024 * width);
  /** Of the innermost open container: its node, whether it is an object, what its values came to, and its last key. */
  #node = 0;
  #inObject = false;
  #sum = 0;
  #keyHash = 0;
  #depth = 0;
  /** The same of those around it. */
  #open: Int32Array = new Int32Array(64 * openWidth);
  /** Of the scalar that was passed last. */
  #hash = 0;

  /** The text, to be read four bytes at a time. */
  get words(): DataView {
    this.#words ??= new DataView(this.text.buffer, this.text.byteOffset, this.text.length);
    return this.#words;
  }

  start(node: number): number {
    return this.#nodes[node * width]!;
  }
  end(node: number): number {
    return this.#nodes[node * width + 1]!;
  }
  /** The node after this one and all that is within it. */
  next(node: number): number {
    return this.#nodes[node * width + 2]!;
  }
  hash(node: number): number {
    return this.#nodes[node * width + 3]!;
  }
  /** The first byte of its text: tells what it is. */
  sign(node: number): number {
    return this.text[this.#nodes[node * width]!]!;
  }

  /** Indexes a text. False when it is no JSON (what `JSON.parse` refuses), or holds too much; then the index is of no use. */
  read(text: Buffer): boolean {
    this.text = text;
    this.#words = undefined;
    this.count = 0;
    this.tooLarge = false;
    this.#depth = 0;
    this.#inObject = false;
    return this.#scan(hasByteOrderMark(text) ? 3 : 0);
  }

  /** Lets go of the text, and of what a large one took. */
  forget(): void {
    this.text = noText;
    this.#words = undefined;
    if (this.#nodes.length > keptNodes * width) this.#nodes = new Int32Array(1024 * width);
    if (this.#open.length > keptNodes) this.#open = new Int32Array(64 * openWidth);
  }

  #scan(from: number): boolean {
    const { text } = this;
    let at = from;
    let expect = Expect.value;
    for (;;) {
      let code = text[at]!;
      while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text[++at]!;
      switch (expect) {
        case Expect.valueOrEnd:
        case Expect.value:
          if (code === Char.closeBracket && expect === Expect.valueOrEnd) {
            at = this.#close(at);
            expect = Expect.after;
          } else if (code === Char.openBrace || code === Char.openBracket) {
            if (!this.#begin(at, code === Char.openBrace)) return false;
            expect = this.#inObject ? Expect.keyOrEnd : Expect.valueOrEnd;
            at++;
          } else {
            at = this.#scalar(at, code);
            if (at === -1) return false;
            expect = Expect.after;
            if (text[at] === Char.comma && this.#depth > 0) {
              expect = this.#inObject ? Expect.key : Expect.value;
              at++;
            }
          }
          break;
        case Expect.keyOrEnd:
        case Expect.key:
          if (code === Char.closeBrace && expect === Expect.keyOrEnd) {
            at = this.#close(at);
            expect = Expect.after;
            break;
          }
          at = this.#key(at, code);
          if (at === -1) return false;
          expect = Expect.value;
          break;
        default:
          if (this.#depth === 0) return at === text.length;
          if (code === Char.comma) {
            expect = this.#inObject ? Expect.key : Expect.value;
            at++;
          } else if (code === (this.#inObject ? Char.closeBrace : Char.closeBracket)) at = this.#close(at);
          else return false;
      }
    }
  }

  /** A node for the container at this byte, which is now the innermost. False when there are too many. */
  #begin(at: number, isObject: boolean): boolean {
    const place = this.count * width;
    if (place === this.#nodes.length && !this.#grow()) return false;
    const depth = this.#depth++ * openWidth;
    if (depth === this.#open.length) this.#open = grown(this.#open, 2 * depth);
    const open = this.#open;
    open[depth] = this.#node;
    open[depth + 1] = this.#inObject ? 1 : 0;
    open[depth + 2] = this.#sum;
    open[depth + 3] = this.#keyHash;
    this.#node = this.count++;
    this.#inObject = isObject;
    this.#sum = isObject ? objectSeed : arraySeed;
    this.#nodes[place] = at;
    return true;
  }

  #close(at: number): number {
    const hash = mixed(this.#sum);
    const place = this.#node * width;
    this.#nodes[place + 1] = at + 1;
    this.#nodes[place + 2] = this.count;
    this.#nodes[place + 3] = hash;
    const depth = --this.#depth * openWidth;
    const open = this.#open;
    this.#node = open[depth]!;
    this.#inObject = open[depth + 1] === 1;
    this.#sum = open[depth + 2]!;
    this.#keyHash = open[depth + 3]!;
    this.#noteValue(hash);
    return at + 1;
  }

  #key(at: number, code: number): number {
    if (code !== Char.quote) return -1;
    let end = this.#string(at);
    if (end === -1 || !this.#leaf(at, end, this.#hash)) return -1;
    this.#keyHash = this.#hash;
    let after = this.text[end]!;
    while (after === 0x20 || after === 0x0a || after === 0x0d || after === 0x09) after = this.text[++end]!;
    return after === Char.colon ? end + 1 : -1;
  }

  #scalar(at: number, code: number): number {
    const end =
      code === Char.quote
        ? this.#string(at)
        : code > Char.zero && code <= Char.nine
          ? this.#integer(at, code)
          : this.#wordOrNumber(at, code, at, objectSeed);
    if (end === -1 || !this.#leaf(at, end, this.#hash)) return -1;
    this.#noteValue(this.#hash);
    return end;
  }

  /** Takes a value's hash into that of the container it is in: members in any order, elements in theirs. */
  #noteValue(hash: number): void {
    this.#sum = this.#inObject
      ? (this.#sum + mixed(Math.imul(this.#keyHash, 31) ^ hash)) | 0
      : (Math.imul(this.#sum, 31) + mixed(hash)) | 0;
  }

  /** A node with nothing within it. False when there are too many. */
  #leaf(start: number, end: number, hash: number): boolean {
    const place = this.count * width;
    if (place === this.#nodes.length && !this.#grow()) return false;
    const nodes = this.#nodes;
    this.count++;
    nodes[place] = start;
    nodes[place + 1] = end;
    nodes[place + 2] = this.count;
    nodes[place + 3] = hash;
    return true;
  }

  #grow(): boolean {
    if (this.count >= mostNodes) {
      this.tooLarge = true;
      return false;
    }
    this.#nodes = grown(this.#nodes, Math.min(this.#nodes.length * 4, mostNodes * width));
    return true;
  }

  /** Where the string at a quote ends; -1 when it is none (section 7). Hashed by pairs of bytes, as {@link hashOfText} does. */
  #string(start: number): number {
    const { text } = this;
    let at = start + 1;
    let hash = prime;
    let code = text[at]!;
    while (code !== Char.quote && code !== Char.backslash && code >= 0x20) {
      const second = text[at + 1]!;
      if (second === Char.quote || second === Char.backslash || !(second >= 0x20)) {
        hash = Math.imul(hash ^ code, prime);
        code = second;
        at++;
        break;
      }
      hash = Math.imul(hash ^ code ^ (second << 16), prime);
      at += 2;
      code = text[at]!;
    }
    this.#hash = hash;
    return code === Char.quote ? at + 1 : code === Char.backslash ? this.#escapedString(start, at) : -1;
  }

  /** A string with an escape in it has the hash that it would have without needless ones. */
  #escapedString(start: number, firstEscape: number): number {
    const { text } = this;
    let at = firstEscape;
    for (let code = text[at]!; code !== Char.quote; code = text[at]!) {
      if (!(code >= 0x20)) return -1;
      if (code === Char.backslash) at++;
      at++;
    }
    const spelt = text.toString("utf8", start, at + 1);
    try {
      this.#hash = hashOfText(JSON.stringify(JSON.parse(spelt)));
    } catch {
      return -1;
    }
    return at + 1;
  }

  /** Hashed as it is passed: most numbers are integers. */
  #integer(start: number, first: number): number {
    const { text } = this;
    let [at, code, hash] = [start, first, objectSeed];
    while (code >= Char.zero && code <= Char.nine) {
      hash = Math.imul(hash ^ code, prime);
      code = text[++at]!;
    }
    if (code === Char.dot || (code | 0x20) === 0x65) return this.#wordOrNumber(start, first, at, hash);
    this.#hash = hash;
    return at;
  }

  /** Of which the hash is known up to a place. */
  #wordOrNumber(start: number, first: number, hashed: number, begun: number): number {
    const { text } = this;
    const end = first === 0x74 || first === 0x66 || first === 0x6e ? this.#word(start, first) : this.#number(start);
    let hash = begun;
    for (let at = hashed; at < end; at++) hash = Math.imul(hash ^ text[at]!, prime);
    this.#hash = hash;
    return end;
  }

  #word(start: number, code: number): number {
    const word = code === 0x74 ? "true" : code === 0x66 ? "false" : "null";
    for (let at = 1; at < word.length; at++) if (this.text[start + at] !== word.charCodeAt(at)) return -1;
    return start + word.length;
  }

  /** Where the number here ends (section 6): `-`? int frac? exp?. */
  #number(start: number): number {
    const { text } = this;
    const integer = text[start] === Char.minus ? start + 1 : start;
    let at = afterDigits(text, integer);
    if (at === integer || (text[integer] === Char.zero && at > integer + 1)) return -1;
    if (text[at] === Char.dot) {
      const fraction = at + 1;
      at = afterDigits(text, fraction);
      if (at === fraction) return -1;
    }
    if ((text[at]! | 0x20) === 0x65) {
      const exponent = text[at + 1] === 0x2b || text[at + 1] === Char.minus ? at + 2 : at + 1;
      at = afterDigits(text, exponent);
      if (at === exponent) return -1;
    }
    return at;
  }
}

function grown(numbers: Int32Array, length: number): Int32Array {
  const longer = new Int32Array(length);
  longer.set(numbers);
  return longer;
}

function afterDigits(text: Uint8Array, from: number): number {
  let at = from;
  let code = text[at]!;
  while (code >= Char.zero && code <= Char.nine) code = text[++at]!;
  return at;
}

/** Over the bytes between the quotes, as {@link JsonIndex} hashes them as it goes. */
function hashOfText(quoted: string): number {
  const bytes = Buffer.from(quoted);
  let hash = prime;
  let at = 1;
  for (; at < bytes.length - 2; at += 2) hash = Math.imul(hash ^ bytes[at]! ^ (bytes[at + 1]! << 16), prime);
  return at < bytes.length - 1 ? Math.imul(hash ^ bytes[at]!, prime) : hash;
}

/** Spreads every bit over all others, so that sums of hashes do not cancel out. */
function mixed(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  h = Math.imul(h ^ (h >>> 16), 0x45d9f3b);
  return h ^ (h >>> 16);
}

/** EF BB BF: RFC 8259, section 8.1 lets a reader skip it. */
export function hasByteOrderMark(text: Uint8Array): boolean {
  return text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf;
}
