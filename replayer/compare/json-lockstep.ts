import { JsonScanner, type JsonToken } from "../../message/index.js";
import { excerpt } from "./excerpt.js";
import type { JsonEncoding } from "./json.js";
import type { JsonDifference, JsonFindings, JsonPath } from "./json-findings.js";
import { changedValue, severityOfNumbers } from "./json-values.js";

/**
 * Walks two JSON texts side by side and notes scalars that differ. True when that settles it: both are JSON of one
 * shape, with the same members in the same order. Else what was noted means nothing.
 *
 * Only the first text is scanned. The second is held against its tokens byte by byte, white space aside, and
 * scanned only where it differs: what is written as valid JSON is valid JSON.
 */
export function compareInLockstep(
  expected: Buffer,
  actual: Buffer,
  encoding: JsonEncoding,
  findings: JsonFindings,
): boolean {
  const left = new JsonScanner(expected);
  const right = new Follower(expected, actual, encoding);
  const path = new PathOfScanner(expected, encoding);
  for (;;) {
    const token = left.next();
    if (token === "invalid" || !right.reach(left)) return false;
    switch (token) {
      case "end":
        return right.isAtEnd();
      case "key":
        if (!right.passSame(left) && !right.passEqualString(left)) return false;
        path.member(left.start, left.end);
        break;
      case "object-start":
      case "array-start":
        if (!right.passSame(left)) return false;
        path.open(token);
        break;
      case "object-end":
      case "array-end":
        if (!right.passSame(left)) return false;
        path.close();
        break;
      default: {
        path.value();
        if (right.passSame(left)) break;
        const difference = right.passOther(left, token);
        if (difference === "no scalar") return false;
        if (difference !== undefined) findings.add(path.tokens(), difference);
      }
    }
  }
}

/** Follows a scanner of one text through another. */
class Follower {
  #at = 0;
  /** Where the scanner's last token ended. */
  #passed = 0;

  constructor(
    private readonly leader: Buffer,
    private readonly text: Buffer,
    private readonly encoding: JsonEncoding,
  ) {}

  /** Goes to where the scanner's token should begin: the same commas and colons, any white space. */
  reach(token: { start: number; end: number }): boolean {
    const start = token.start < this.#passed ? this.leader.length : token.start;
    for (let from = this.#passed; from < start; from++) {
      const code = this.leader[from]!;
      if (isSpace(code)) continue;
      this.#skipSpace();
      if (this.text[this.#at] !== code) return false;
      this.#at++;
    }
    this.#passed = token.end;
    this.#skipSpace();
    return true;
  }

  /** Passes a token written as the scanner's is; else stays before it. */
  passSame({ start, end }: { start: number; end: number }): boolean {
    let at = this.#at;
    for (let from = start; from < end; from++, at++) {
      if (this.leader[from] !== this.text[at]) return false;
    }
    // 1 is written as 12 begins, and nothing else is the beginning of another token.
    if (continuesNumber(this.leader[end - 1]) && continuesNumber(this.text[at])) return false;
    this.#at = at;
    return true;
  }

  /** Passes a string that is equal once escapes are undone. */
  passEqualString({ start, end }: { start: number; end: number }): boolean {
    const scanner = new JsonScanner(this.text, this.#at);
    if (scanner.next() !== "string") return false;
    this.#at = scanner.end;
    const [left, right] = [this.#leaderAt(start, end), this.#textAt(scanner)];
    return (left.includes("\\") || right.includes("\\")) && JSON.parse(left) === JSON.parse(right);
  }

  /** Passes a scalar that is written otherwise, and says in what it differs from the scanner's, if it does. */
  passOther(
    { start, end }: { start: number; end: number },
    token: JsonToken,
  ): JsonDifference | "no scalar" | undefined {
    const before = this.#at;
    if (token === "string" && this.passEqualString({ start, end })) return undefined;
    const scanner = new JsonScanner(this.text, before);
    const other = scanner.next();
    if (!isScalar(other)) return "no scalar";
    this.#at = scanner.end;
    return scalarDifference(token, this.#leaderAt(start, end), other, this.#textAt(scanner));
  }

  isAtEnd(): boolean {
    return this.#at === this.text.length;
  }

  #leaderAt(start: number, end: number): string {
    return this.leader.toString(this.encoding, start, end);
  }

  #textAt({ start, end }: { start: number; end: number }): string {
    return this.text.toString(this.encoding, start, end);
  }

  #skipSpace(): void {
    while (isSpace(this.text[this.#at])) this.#at++;
  }
}

function isSpace(code: number | undefined): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Digits, and what may stand between them: `+`, `-`, `.`, `E`, `e`. */
function continuesNumber(code: number | undefined): boolean {
  if (code === undefined) return false;
  return (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d || code === 0x2e || (code | 0x20) === 0x65;
}

function isScalar(token: JsonToken): boolean {
  switch (token) {
    case "string":
    case "number":
    case "true":
    case "false":
    case "null":
      return true;
    default:
      return false;
  }
}

function scalarDifference(token: JsonToken, before: string, other: JsonToken, after: string): JsonDifference {
  const [expectedType, actualType] = [typeName(token), typeName(other)];
  if (expectedType === actualType) {
    return changedValue(before, after, token === "number" ? severityOfNumbers(before, after) : "medium");
  }
  const sides = { expected: excerpt(before), actual: excerpt(after), expectedType, actualType };
  return { kind: "changed-type", severity: "high", ...sides };
}

function typeName(token: JsonToken): string {
  return token === "true" || token === "false" ? "boolean" : token;
}

/** Where a scanner stands, kept as cheaply as can be: names are cut out of the text only when asked for. */
class PathOfScanner {
  #depth = 0;
  /** By depth: the index of the element last begun in an array; -1 before the first; `inObject` in an object. */
  readonly #index: number[] = [];
  readonly #nameStart: number[] = [];
  readonly #nameEnd: number[] = [];

  constructor(
    private readonly text: Buffer,
    private readonly encoding: JsonEncoding,
  ) {}

  member(start: number, end: number): void {
    this.#nameStart[this.#depth] = start;
    this.#nameEnd[this.#depth] = end;
  }

  value(): void {
    if (this.#depth > 0 && this.#index[this.#depth] !== inObject) this.#index[this.#depth]!++;
  }

  open(token: "object-start" | "array-start"): void {
    this.value();
    this.#depth++;
    this.#index[this.#depth] = token === "array-start" ? -1 : inObject;
  }

  close(): void {
    this.#depth--;
  }

  tokens(): JsonPath {
    const tokens: (string | number)[] = [];
    for (let depth = 1; depth <= this.#depth; depth++) {
      const index = this.#index[depth]!;
      const name = () =>
        JSON.parse(this.text.toString(this.encoding, this.#nameStart[depth], this.#nameEnd[depth])) as string;
      tokens.push(index === inObject ? name() : index);
    }
    return tokens;
  }
}

const inObject = -2;
