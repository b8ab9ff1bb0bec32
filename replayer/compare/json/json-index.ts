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
  #nodes = new Int32Array(1024 * width);
  /** Of each open container: its node, and whether it is an object. */
  #open: number[] = [];
  #keyHash: number[] = [];
  #hashes: number[] = [];
  /** Of the scalar that was passed last. */
  #hash = 0;

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
    this.count = 0;
    this.tooLarge = false;
    this.#open.length = 0;
    return this.#scan(hasByteOrderMark(text) ? 3 : 0);
  }

  /** Lets go of the text, and of what a large one took. */
  forget(): void {
    this.text = noText;
    if (this.#nodes.length > keptNodes * width) this.#nodes = new Int32Array(1024 * width);
  }

  #scan(from: number): boolean {
    const { text } = this;
    let at = from;
    let expect = Expect.value;
    let inObject = false;
    for (;;) {
      let code = text[at]!;
      while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text[++at]!;
      switch (expect) {
        case Expect.valueOrEnd:
        case Expect.value:
          if (code === Char.closeBracket && expect === Expect.valueOrEnd) {
            at = this.#close(at);
            inObject = this.#isInObject();
            expect = Expect.after;
          } else if (code === Char.openBrace || code === Char.openBracket) {
            if (!this.#begin(at)) return false;
            expect = this.#openContainer(code);
            inObject = code === Char.openBrace;
            at++;
          } else {
            at = this.#scalar(at, code);
            if (at === -1) return false;
            expect = Expect.after;
            if (text[at] === Char.comma && this.#open.length > 0) {
              expect = inObject ? Expect.key : Expect.value;
              at++;
            }
          }
          break;
        case Expect.keyOrEnd:
        case Expect.key:
          if (code === Char.closeBrace && expect === Expect.keyOrEnd) {
            at = this.#close(at);
            inObject = this.#isInObject();
            expect = Expect.after;
            break;
          }
          at = this.#key(at, code);
          if (at === -1) return false;
          expect = Expect.value;
          break;
        default:
          if (this.#open.length === 0) return at === text.length;
          if (code === Char.comma) {
            expect = inObject ? Expect.key : Expect.value;
            at++;
          } else if (code === (inObject ? Char.closeBrace : Char.closeBracket)) {
            at = this.#close(at);
            inObject = this.#isInObject();
          } else return false;
      }
    }
  }

  #openContainer(code: number): Expect {
    const inObject = code === Char.openBrace;
    this.#open.push((this.count - 1) * 2 + (inObject ? 1 : 0));
    this.#hashes[this.#open.length] = inObject ? objectSeed : arraySeed;
    return inObject ? Expect.keyOrEnd : Expect.valueOrEnd;
  }

  #isInObject(): boolean {
    const depth = this.#open.length;
    return depth > 0 && (this.#open[depth - 1]! & 1) === 1;
  }

  #close(at: number): number {
    const depth = this.#open.length;
    const node = this.#open.pop()! >> 1;
    this.#finish(node, at + 1, mixed(this.#hashes[depth]!));
    this.#noteValue(this.#nodes[node * width + 3]!);
    return at + 1;
  }

  #key(at: number, code: number): number {
    if (code !== Char.quote) return -1;
    let end = this.#string(at);
    if (end === -1 || !this.#leaf(at, end, this.#hash)) return -1;
    this.#keyHash[this.#open.length] = this.#hash;
    let after = this.text[end]!;
    while (after === 0x20 || after === 0x0a || after === 0x0d || after === 0x09) after = this.text[++end]!;
    return after === Char.colon ? end + 1 : -1;
  }

  #scalar(at: number, code: number): number {
    const end = code === Char.quote ? this.#string(at) : this.#wordOrNumber(at, code);
    if (end === -1 || !this.#leaf(at, end, this.#hash)) return -1;
    this.#noteValue(this.#hash);
    return end;
  }

  /** Takes a value's hash into that of the container it is in: members in any order, elements in theirs. */
  #noteValue(hash: number): void {
    const depth = this.#open.length;
    if (depth === 0) return;
    const sum = this.#hashes[depth]!;
    this.#hashes[depth] =
      (this.#open[depth - 1]! & 1) === 1
        ? (sum + mixed(Math.imul(this.#keyHash[depth]!, 31) ^ hash)) | 0
        : (Math.imul(sum, 31) + mixed(hash)) | 0;
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

  /** A node for the container at this byte. False when there are too many. */
  #begin(at: number): boolean {
    const place = this.count * width;
    if (place === this.#nodes.length && !this.#grow()) return false;
    this.#nodes[place] = at;
    this.count++;
    return true;
  }

  #finish(node: number, end: number, hash: number): void {
    const place = node * width;
    this.#nodes[place + 1] = end;
    this.#nodes[place + 2] = this.count;
    this.#nodes[place + 3] = hash;
  }

  #grow(): boolean {
    if (this.count >= mostNodes) {
      this.tooLarge = true;
      return false;
    }
    const grown = new Int32Array(Math.min(this.#nodes.length * 4, mostNodes * width));
    grown.set(this.#nodes);
    this.#nodes = grown;
    return true;
  }

  /** Where the string at a quote ends; -1 when it is none (section 7). */
  #string(start: number): number {
    const { text } = this;
    let at = start + 1;
    let hash = prime;
    let code = text[at]!;
    while (code !== Char.quote && code !== Char.backslash && code >= 0x20) {
      hash = Math.imul(hash ^ code, prime);
      code = text[++at]!;
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
  #wordOrNumber(start: number, first: number): number {
    const { text } = this;
    let [at, code, hash] = [start, first, objectSeed];
    while (code >= Char.zero && code <= Char.nine) {
      hash = Math.imul(hash ^ code, prime);
      code = text[++at]!;
    }
    if (at === start || first === Char.zero || code === Char.dot || (code | 0x20) === 0x65) {
      const end = first === 0x74 || first === 0x66 || first === 0x6e ? this.#word(start, first) : this.#number(start);
      for (; at < end; at++) hash = Math.imul(hash ^ text[at]!, prime);
      at = end;
    }
    this.#hash = hash;
    return at;
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
  for (let at = 1; at < bytes.length - 1; at++) hash = Math.imul(hash ^ bytes[at]!, prime);
  return hash;
}

/** Spreads every bit over all others, so that sums of hashes do not cancel out. */
function mixed(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  h = Math.imul(h ^ (h >>> 16), 0x45d9f3b);
  return h ^ (h >>> 16);
}

/** EF BB BF: RFC 8259, section 8.1 lets a reader skip it. */
function hasByteOrderMark(text: Uint8Array): boolean {
  return text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf;
}
