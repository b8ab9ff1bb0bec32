import { escapePointerToken, JsonScanner, type JsonToken } from "../../message/index.js";
import type { RedactionKey } from "./key.js";
import { PlaceList } from "./places.js";
import { pseudonymOfBoolean, pseudonymOfNumber } from "./pseudonym.js";
import { replaceSecret } from "./secret.js";
import { isSecretName, longestName, nameStems } from "./secret-names.js";

/** `damaged`: what should be JSON is none, so what it holds cannot be told. */
export type RedactedJson = { kind: "unchanged" } | { kind: "redacted"; text: string } | { kind: "damaged" };

// A stem, the rest of the name, its closing quote (escaped where JSON stands inside a JSON string), a colon. The bound
// keeps a long run of stems without a quote from costing its square.
const possibleName = new RegExp(`(?:${nameStems.join("|")})(?:[^"\\\\]|\\\\.){0,${longestName}}?(\\\\*)"\\s*:`, "gis");

/**
 * Whether JSON in this text may have a key that is named like a secret: a cheap look at the bytes (read as latin1)
 * without parsing. True may be wrong, false may not.
 */
export function mayNameSecret(text: string): boolean {
  if (text.includes("\\u00")) return true; // an ASCII letter in a key may be written \u0070
  possibleName.lastIndex = 0;
  for (;;) {
    const found = possibleName.exec(text);
    if (found === null) return false;
    if (isPossiblySecret(text, found.index, found[0], found[1]!)) return true;
  }
}

function isPossiblySecret(text: string, at: number, matched: string, backslashes: string): boolean {
  const opening = text.lastIndexOf('"', at);
  if (opening === -1 || at - opening > longestName) return false;
  const name = text.slice(opening + 1, at + matched.lastIndexOf('"') - backslashes.length);
  if (backslashes !== "" || name.includes("\\") || text.charAt(opening - 1) === "\\") return true;
  return isSecretName(name);
}

/**
 * Replaces every scalar under a secret-named key, at any depth, in JSON text (UTF-8 bytes read as latin1), in place: all
 * other bytes stay. Strings that hold JSON themselves are looked into. Several values, one a line, are JSON too
 * (`application/x-ndjson`). Places are `prefix` and the JSON Pointer; those added before
 * the text turned out to be damaged mean nothing.
 */
export function redactJson(text: string, key: RedactionKey, places: PlaceList, prefix: string): RedactedJson {
  const inWhole = new PlaceList();
  const whole = redactValue(text, key, inWhole, prefix);
  if (whole.kind === "damaged" && text.includes("\n")) return redactLines(text, key, places, prefix);
  places.addAll(inWhole);
  return whole;
}

function redactLines(text: string, key: RedactionKey, places: PlaceList, prefix: string): RedactedJson {
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const redacted = redactValue(line, key, places, prefix === "body:" ? `body:line ${index + 1} ` : prefix);
    if (redacted.kind === "damaged") return redacted;
    if (redacted.kind === "redacted") lines[index] = redacted.text;
  }
  const joined = lines.join("\n");
  return joined === text ? { kind: "unchanged" } : { kind: "redacted", text: joined };
}

function redactValue(text: string, key: RedactionKey, places: PlaceList, prefix: string): RedactedJson {
  const scanner = new JsonScanner(Buffer.from(text, "latin1"), text.startsWith("\xef\xbb\xbf") ? 3 : 0);
  const path = new JsonPath(text);
  const pieces: string[] = [];
  let copiedTo = 0;
  for (;;) {
    const token = scanner.next();
    if (token === "invalid") return { kind: "damaged" };
    if (token === "end") break;
    const isSecret = path.follow(token, scanner);
    if (token === "key") continue;
    const replaced = isSecret ? replaceScalar(token, text, scanner, key) : replaceEmbedded(token, text, scanner, key);
    if (replaced === undefined) continue;
    pieces.push(text.slice(copiedTo, scanner.start), replaced);
    copiedTo = scanner.end;
    places.add(prefix + path.pointer());
  }
  if (copiedTo === 0) return { kind: "unchanged" };
  pieces.push(text.slice(copiedTo));
  return { kind: "redacted", text: pieces.join("") };
}

/** What to write in place of a scalar under a secret name; undefined where there is nothing to hide. */
function replaceScalar(token: JsonToken, text: string, scanner: JsonScanner, key: RedactionKey): string | undefined {
  switch (token) {
    case "string": {
      const value = decodeString(text.slice(scanner.start, scanner.end));
      return value === "" ? undefined : encodeString(replaceSecret(value, key));
    }
    case "number":
      return pseudonymOfNumber(text.slice(scanner.start, scanner.end), key);
    case "true":
    case "false":
      return String(pseudonymOfBoolean(token === "true", key));
    default:
      return undefined;
  }
}

/** JSON inside a JSON string. What begins like JSON, may name a secret and is damaged is replaced whole. */
function replaceEmbedded(token: JsonToken, text: string, scanner: JsonScanner, key: RedactionKey): string | undefined {
  // Without an escape there is no quote in the string, so no JSON with a key.
  if (token !== "string" || !scanner.escaped) return undefined;
  if (!/^"\s*(?:\\[nrt])*\s*[{[]/.test(text.slice(scanner.start, scanner.start + 32))) return undefined;
  const value = decodeString(text.slice(scanner.start, scanner.end));
  const inner = Buffer.from(value, "utf8").toString("latin1");
  if (!mayNameSecret(inner)) return undefined;
  const redacted = redactJson(inner, key, new PlaceList(), "");
  if (redacted.kind === "unchanged") return undefined;
  if (redacted.kind === "damaged") return encodeString(replaceSecret(value, key));
  return encodeString(Buffer.from(redacted.text, "latin1").toString("utf8"));
}

/** Where the scanner stands, and whether that is under a secret name. Pointers are built only when asked for. */
class JsonPath {
  /** For each open container: where the current key begins, or -1 in an array. The top counts as an array. */
  private readonly keyStarts: number[] = [-1];
  /** For each open container: where the current key ends, or the array index. */
  private readonly keyEnds: number[] = [-1];
  private depth = 0;
  /** Depth of the outermost secret name that is open; Infinity when there is none. */
  private secretDepth = Number.POSITIVE_INFINITY;

  constructor(private readonly text: string) {}

  /** Takes note of a token; true when it stands under a secret name. */
  follow(token: JsonToken, scanner: JsonScanner): boolean {
    switch (token) {
      case "key":
        this.enterKey(scanner);
        return false;
      case "object-start":
      case "array-start":
        this.countItem();
        this.depth++;
        this.keyStarts[this.depth] = -1;
        this.keyEnds[this.depth] = -1;
        return false;
      case "object-end":
      case "array-end":
        this.depth--;
        if (this.depth < this.secretDepth) this.secretDepth = Number.POSITIVE_INFINITY;
        return false;
      default:
        this.countItem();
        return this.depth >= this.secretDepth;
    }
  }

  /** The JSON Pointer of the value at hand. */
  pointer(): string {
    let pointer = "";
    for (let depth = 1; depth <= this.depth; depth++) {
      const start = this.keyStarts[depth]!;
      const end = this.keyEnds[depth]!;
      pointer += `/${start === -1 ? end : escapePointerToken(decodeString(this.text.slice(start, end)))}`;
    }
    return pointer;
  }

  private enterKey(scanner: JsonScanner): void {
    const { depth } = this;
    this.keyStarts[depth] = scanner.start;
    this.keyEnds[depth] = scanner.end;
    if (depth > this.secretDepth) return;
    const name = scanner.escaped
      ? decodeString(this.text.slice(scanner.start, scanner.end))
      : this.text.slice(scanner.start + 1, scanner.end - 1);
    this.secretDepth = isSecretName(name) ? depth : Number.POSITIVE_INFINITY;
  }

  private countItem(): void {
    if (this.keyStarts[this.depth] === -1) this.keyEnds[this.depth]!++;
  }
}

/** The value of a JSON string given with its quotes, as UTF-8 bytes read as latin1. */
function decodeString(raw: string): string {
  const spelled = /[\x80-\xff]/.test(raw) ? Buffer.from(raw, "latin1").toString("utf8") : raw;
  return spelled.includes("\\") ? (JSON.parse(spelled) as string) : spelled.slice(1, -1);
}

/** A JSON string with its quotes, as UTF-8 bytes read as latin1. */
function encodeString(value: string): string {
  const quoted = JSON.stringify(value);
  return /[^\0-\x7f]/.test(quoted) ? Buffer.from(quoted, "utf8").toString("latin1") : quoted;
}
