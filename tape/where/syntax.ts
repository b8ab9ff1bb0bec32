import { OperatorError } from "../../base/index.js";

/** Comparisons, the longer ones first so that `<=` is not read as `<`. */
export const operators = ["!=", "<=", ">=", "^=", "!~", "=", "<", ">", "~"] as const;
export type Operator = (typeof operators)[number];

/** A selection as it was written, before its fields have a meaning. */
export type WhereTree =
  | { kind: "and" | "or"; parts: readonly WhereTree[] }
  | { kind: "not"; part: WhereTree }
  /** `at`: where the condition begins, in characters from 0. */
  | { kind: "condition"; field: string; operator: Operator; value: string; at: number };

/** Parentheses and `not` one inside the other; a bound so that hostile text cannot exhaust the stack. */
const deepest = 100;

/**
 * Parses the selection language into its tree; undefined for blank text. Throws an OperatorError that names the place.
 */
export function parseWhereTree(text: string): WhereTree | undefined {
  const reader = new Reader(text);
  if (reader.atEnd()) return undefined;
  const tree = readOr(reader, 0);
  if (!reader.atEnd()) throw reader.unexpected('"and", "or" or the end');
  return tree;
}

/** Writes a tree so that {@link parseWhereTree} reads it again. */
export function printWhereTree(tree: WhereTree): string {
  switch (tree.kind) {
    case "and":
    case "or":
      return tree.parts
        .map((part) => (isJoin(part) ? `(${printWhereTree(part)})` : printWhereTree(part)))
        .join(` ${tree.kind} `);
    case "not":
      return isJoin(tree.part) ? `not (${printWhereTree(tree.part)})` : `not ${printWhereTree(tree.part)}`;
    case "condition":
      return `${tree.field} ${tree.operator} ${quoted(tree.value)}`;
  }
}

function isJoin(tree: WhereTree): boolean {
  return tree.kind === "and" || tree.kind === "or";
}

function quoted(value: string): string {
  return /^[\w/.:*-]+$/.test(value) ? value : `"${value.replace(/[\\"]/g, "\\$&")}"`;
}

function readOr(reader: Reader, depth: number): WhereTree {
  return readJoined(reader, "or", () => readJoined(reader, "and", () => readNot(reader, depth)));
}

function readJoined(reader: Reader, word: "and" | "or", readPart: () => WhereTree): WhereTree {
  const parts = [readPart()];
  while (reader.takeWord(word)) parts.push(readPart());
  return parts.length === 1 ? parts[0]! : { kind: word, parts };
}

function readNot(reader: Reader, depth: number): WhereTree {
  if (depth > deepest) throw reader.refusal(`nested deeper than ${deepest}`);
  if (reader.takeWord("not")) return { kind: "not", part: readNot(reader, depth + 1) };
  if (!reader.take("(")) return readCondition(reader);
  const inner = readOr(reader, depth + 1);
  if (!reader.take(")")) throw reader.unexpected('"and", "or" or ")"');
  return inner;
}

function readCondition(reader: Reader): WhereTree {
  const at = reader.place();
  const field = reader.takeMatch(/[A-Za-z][\w.-]*/y);
  if (field === undefined) throw reader.unexpected("a field");
  const operator = operators.find((one) => reader.take(one));
  if (operator === undefined) throw reader.unexpected(`one of ${[...operators].reverse().join(" ")}`);
  const value = readValue(reader);
  return { kind: "condition", field: field.toLowerCase(), operator, value, at };
}

/** Bare up to a space or parenthesis, or in quotes; there `\"` is a quote, `\\` a backslash, any other `\` itself. */
function readValue(reader: Reader): string {
  const bare = reader.takeMatch(/[^\s()"']+/y);
  if (bare !== undefined) return bare;
  const inQuotes = reader.takeMatch(/"(?:[^"\\]|\\.)*"/sy);
  if (inQuotes !== undefined) return inQuotes.slice(1, -1).replace(/\\(["\\])/g, "$1");
  const inSingleQuotes = reader.takeMatch(/'[^']*'/y);
  if (inSingleQuotes !== undefined) return inSingleQuotes.slice(1, -1);
  throw reader.unexpected("a value");
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  place(): number {
    this.skipSpace();
    return this.at;
  }

  atEnd(): boolean {
    return this.place() === this.text.length;
  }

  take(sign: string): boolean {
    if (!this.text.startsWith(sign, this.place())) return false;
    this.at += sign.length;
    return true;
  }

  takeWord(word: string): boolean {
    return this.takeMatch(new RegExp(`${word}(?![\\w.-])`, "iy")) !== undefined;
  }

  takeMatch(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.place();
    const found = sticky.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  unexpected(expected: string): OperatorError {
    const seen = this.text.slice(this.place(), this.at + 20);
    return this.refusal(`expected ${expected}, saw ${seen === "" ? "the end" : `"${seen}"`}`);
  }

  refusal(reason: string): OperatorError {
    return whereError(this.text, this.place(), reason);
  }

  private skipSpace(): void {
    while (/\s/.test(this.text.charAt(this.at))) this.at++;
  }
}

/** One line that shows the place: `cannot read --where "…": … at character 12`. */
export function whereError(text: string, at: number, reason: string): OperatorError {
  const line = text.length > 120 ? `${text.slice(0, 117)}...` : text;
  return new OperatorError(`cannot read the selection ${JSON.stringify(line)}: at character ${at + 1}, ${reason}`);
}
