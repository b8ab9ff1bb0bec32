import { OperatorError } from "../../base/index.js";

/** Comparisons, the longer ones first so that `<=` is not read as `<`. */
export const operators = ["!=", "<=", ">=", "^=", "$=", "*=", "!~", "=", "<", ">", "~", "like"] as const;
export type Operator = (typeof operators)[number];

/** A selection as it was written, before its fields have a meaning. */
export type WhereTree =
  | { kind: "and" | "or"; parts: readonly WhereTree[] }
  | { kind: "not"; part: WhereTree }
  /** The field's name in lower case, with its JSON pointer as written. `at`: where the condition begins, in characters from 0. */
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
      return `${printField(tree.field)} ${tree.operator} ${quoted(tree.value)}`;
  }
}

function isJoin(tree: WhereTree): boolean {
  return tree.kind === "and" || tree.kind === "or";
}

function printField(field: string): string {
  const colonAt = field.indexOf(":");
  if (colonAt === -1) return field;
  const pointer = field.slice(colonAt + 1);
  return `${field.slice(0, colonAt)}:${/^(?:\/[\w.-]+)+$/.test(pointer) ? pointer : inDoubleQuotes(pointer)}`;
}

function quoted(value: string): string {
  return /^[\w/.:*-]+$/.test(value) ? value : inDoubleQuotes(value);
}

function inDoubleQuotes(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
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
  const field = readField(reader);
  const operator = operators.find((one) => (one === "like" ? reader.takeWord(one) : reader.take(one)));
  if (operator === undefined) throw reader.unexpected(`one of ${[...operators].reverse().join(" ")}`);
  const value = readValue(reader);
  return { kind: "condition", field, operator, value, at };
}

/** `header.x-user`, `body:/user/id`; a pointer with other characters than these is quoted: `body:"/a b/~1"`. */
function readField(reader: Reader): string {
  const name = reader.takeMatch(/[A-Za-z][\w.-]*/y);
  if (name === undefined) throw reader.unexpected("a field");
  if (!reader.takeNext(":")) return name.toLowerCase();
  const pointer = reader.takeMatch(/(?:\/(?:\*|[^\s()"'=<>!~^$*/]*))+/y) ?? readQuoted(reader);
  if (pointer === undefined) throw reader.unexpected("a JSON pointer, such as /user/id");
  return `${name.toLowerCase()}:${pointer}`;
}

/** Bare up to a space or parenthesis, or in quotes; there `\"` is a quote, `\\` a backslash, any other `\` itself. */
function readValue(reader: Reader): string {
  const bare = reader.takeMatch(/[^\s()"']+/y);
  const value = bare ?? readQuoted(reader);
  if (value === undefined) throw reader.unexpected("a value");
  return value;
}

function readQuoted(reader: Reader): string | undefined {
  const inQuotes = reader.takeMatch(/"(?:[^"\\]|\\.)*"/sy);
  if (inQuotes !== undefined) return inQuotes.slice(1, -1).replace(/\\(["\\])/g, "$1");
  return reader.takeMatch(/'[^']*'/y)?.slice(1, -1);
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

  /** As `take`, without any space before it. */
  takeNext(sign: string): boolean {
    if (!this.text.startsWith(sign, this.at)) return false;
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
