/** What {@link JsonScanner.next} met. After `end` and `invalid` there is nothing more. */
export type JsonToken =
  | "object-start"
  | "object-end"
  | "array-start"
  | "array-end"
  | "key"
  | "string"
  | "number"
  | "true"
  | "false"
  | "null"
  | "end"
  | "invalid";

enum Char {
  quote = 0x22,
  plus = 0x2b,
  comma = 0x2c,
  minus = 0x2d,
  dot = 0x2e,
  zero = 0x30,
  nine = 0x39,
  colon = 0x3a,
  upperE = 0x45,
  openBracket = 0x5b,
  backslash = 0x5c,
  closeBracket = 0x5d,
  lowerE = 0x65,
  lowerF = 0x66,
  lowerN = 0x6e,
  lowerT = 0x74,
  lowerU = 0x75,
  openBrace = 0x7b,
  closeBrace = 0x7d,
}

/** What the grammar allows next. */
enum Expect {
  value,
  valueOrArrayEnd,
  key,
  keyOrObjectEnd,
  commaOrEnd,
  nothing,
  /** After something invalid: nothing is right any more. */
  refused,
}

/**
 * Walks JSON text (RFC 8259) token by token: iterative, at any depth, without building anything. It accepts what
 * `JSON.parse` accepts and nothing else, keeps repeated keys, and leaves numbers as they are written.
 *
 * The text is a string, and `start` and `end` are its indexes; or bytes in UTF-8, and they are offsets into these.
 * Whether bytes in strings are UTF-8 is for their reader to see.
 */
export class JsonScanner {
  /** Where the last token begins and ends; of a key or string, its quotes included. */
  start = 0;
  end = 0;
  /** The last key or string has escapes in it. */
  escaped = false;
  /** The last key or string has something beyond ASCII in it. */
  beyondAscii = false;

  /** The next character to look at. */
  private at: number;
  /** For each open container, whether it is an object. */
  private readonly containers: boolean[] = [];
  private inObject = false;
  private expect: Expect = Expect.value;

  private readonly codes: Codes;

  constructor(
    text: string | Uint8Array,
    /** Where to begin; used to skip a byte order mark. */
    from = 0,
  ) {
    this.codes = typeof text === "string" ? codesOf(text) : text;
    this.at = from;
  }

  /** How many containers are open. */
  get depth(): number {
    return this.containers.length;
  }

  next(): JsonToken {
    if (this.expect === Expect.refused) return "invalid";
    let code = this.skipSpace();
    if (this.expect === Expect.commaOrEnd) {
      if (code !== Char.comma) return this.closeContainer(code);
      this.expect = this.inObject ? Expect.key : Expect.value;
      this.at++;
      code = this.skipSpace();
    }
    switch (this.expect) {
      case Expect.key:
        return this.key(code);
      case Expect.keyOrObjectEnd:
        return code === Char.closeBrace ? this.closeContainer(code) : this.key(code);
      case Expect.valueOrArrayEnd:
        return code === Char.closeBracket ? this.closeContainer(code) : this.value(code);
      case Expect.value:
        return this.value(code);
      default:
        return this.at === this.codes.length ? "end" : this.invalid();
    }
  }

  /** Goes to the first character that is no white space and gives it; undefined at the end of the text. */
  private skipSpace(): number {
    const { codes } = this;
    let at = this.at;
    let code = codes[at]!;
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = codes[++at]!;
    this.at = at;
    return code;
  }

  private key(code: number): JsonToken {
    if (code !== Char.quote || !this.skipString()) return this.invalid();
    if (this.skipSpace() !== Char.colon) return this.invalid();
    this.at++;
    this.expect = Expect.value;
    return "key";
  }

  private value(code: number): JsonToken {
    switch (code) {
      case Char.quote:
        return this.skipString() ? this.valueEnded("string") : this.invalid();
      case Char.openBrace:
        return this.openContainer("object-start");
      case Char.openBracket:
        return this.openContainer("array-start");
      case Char.lowerT:
        return this.skipWord("true") ? this.valueEnded("true") : this.invalid();
      case Char.lowerF:
        return this.skipWord("false") ? this.valueEnded("false") : this.invalid();
      case Char.lowerN:
        return this.skipWord("null") ? this.valueEnded("null") : this.invalid();
      default:
        return this.skipNumber() ? this.valueEnded("number") : this.invalid();
    }
  }

  private openContainer(token: "object-start" | "array-start"): JsonToken {
    this.start = this.at;
    this.end = ++this.at;
    this.inObject = token === "object-start";
    this.containers.push(this.inObject);
    this.expect = this.inObject ? Expect.keyOrObjectEnd : Expect.valueOrArrayEnd;
    return token;
  }

  private closeContainer(code: number): JsonToken {
    const wanted = this.inObject ? Char.closeBrace : Char.closeBracket;
    if (code !== wanted) return this.invalid();
    const token = this.inObject ? "object-end" : "array-end";
    this.containers.pop();
    this.inObject = this.containers[this.containers.length - 1] ?? false;
    this.start = this.at;
    this.end = ++this.at;
    return this.valueEnded(token);
  }

  /** A value is complete: what may follow depends on where it stands. */
  private valueEnded(token: JsonToken): JsonToken {
    this.expect = this.containers.length === 0 ? Expect.nothing : Expect.commaOrEnd;
    return token;
  }

  /** Goes over a string, quotes included; false when it is no JSON string (section 7). */
  private skipString(): boolean {
    const { codes } = this;
    const start = this.at;
    let at = start + 1;
    let all = 0;
    this.escaped = false;
    for (;;) {
      const code = codes[at]!;
      if (code === Char.quote) break;
      if (code === Char.backslash) {
        this.escaped = true;
        at = afterEscape(codes, at);
        if (at === -1) return false;
      } else if (code >= 0x20) {
        all |= code;
        at++;
      } else {
        return false; // a control character, or undefined: the text ended
      }
    }
    this.beyondAscii = all > 0x7f;
    this.start = start;
    this.end = this.at = at + 1;
    return true;
  }

  private skipWord(word: string): boolean {
    for (let index = 1; index < word.length; index++) {
      if (this.codes[this.at + index] !== word.charCodeAt(index)) return false;
    }
    this.start = this.at;
    this.end = this.at += word.length;
    return true;
  }

  /** Goes over a number (section 6): `-`? int frac? exp?. */
  private skipNumber(): boolean {
    const { codes } = this;
    let at = this.at;
    if (codes[at]! === Char.minus) at++;
    const integer = at;
    at = afterDigits(codes, at);
    if (at === integer || (codes[integer]! === Char.zero && at > integer + 1)) return false;
    let code = codes[at]!;
    if (code === Char.dot) {
      const fraction = at + 1;
      at = afterDigits(codes, fraction);
      if (at === fraction) return false;
      code = codes[at]!;
    }
    if (code === Char.lowerE || code === Char.upperE) {
      code = codes[++at]!;
      if (code === Char.plus || code === Char.minus) at++;
      const exponent = at;
      at = afterDigits(codes, exponent);
      if (at === exponent) return false;
    }
    this.start = this.at;
    this.end = this.at = at;
    return true;
  }

  private invalid(): JsonToken {
    this.start = this.end = this.at;
    this.expect = Expect.refused;
    return "invalid";
  }
}

/** The characters of a text by number. Reading an array takes half the time that reading a string's characters takes. */
type Codes = Uint8Array | Uint16Array;

function codesOf(text: string): Codes {
  if (!/[^\0-\xff]/.test(text)) return Buffer.from(text, "latin1");
  const codes = new Uint16Array(text.length);
  for (let at = 0; at < text.length; at++) codes[at] = text.charCodeAt(at);
  return codes;
}

function afterDigits(codes: Codes, from: number): number {
  let at = from;
  let code = codes[at]!;
  while (code >= Char.zero && code <= Char.nine) code = codes[++at]!;
  return at;
}

const simpleEscapes: ReadonlySet<number> = new Set(Array.from('"\\/bfnrt', (character) => character.charCodeAt(0)));

/** Where the escape at a backslash ends; -1 when it is none. */
function afterEscape(codes: Codes, backslash: number): number {
  const code = codes[backslash + 1]!;
  if (code === Char.lowerU) return isFourHexDigits(codes, backslash + 2) ? backslash + 6 : -1;
  return simpleEscapes.has(code) ? backslash + 2 : -1;
}

function isFourHexDigits(codes: Codes, from: number): boolean {
  for (let at = from; at < from + 4; at++) {
    const code = codes[at]!;
    const isHex = (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
    if (!isHex) return false;
  }
  return true;
}
