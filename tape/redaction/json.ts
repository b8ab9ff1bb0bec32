import { escapePointerToken, JsonScanner, type JsonToken } from "../../message/index.js";
import { isSecretInCompany } from "./company.js";
import { keysInCompany } from "./json-company.js";
import { PlaceList } from "./places.js";
import { demandedBy, mayReplace, type Redaction, within } from "./rules/redaction.js";
import type { RedactionRules } from "./rules/rules.js";
import { type Replacement, replacedBoolean, replaceNumber, replaceSecret } from "./secret.js";
import { isResult, secrecyOf } from "./secret-names.js";
import { redactText, replaceWhole } from "./text/text.js";

/** `damaged`: what should be JSON is none, so what it holds cannot be told. */
export type RedactedJson = { kind: "unchanged" } | { kind: "redacted"; text: string } | { kind: "damaged" };

const unchanged: RedactedJson = { kind: "unchanged" };
const damaged: RedactedJson = { kind: "damaged" };

/** Where secrets may stand in JSON text, found without parsing it. */
interface Hints {
  /** In order. */
  offsets: readonly number[];
  /** Characters that every pattern and name may be made of are escaped somewhere, so each escaped string is read. */
  hidden: boolean;
}

/**
 * What a cheap look at the bytes (read as latin1) says, without parsing: undefined when no secret and no name of one can
 * be in it.
 */
function findHints(text: string, rules: RedactionRules, bytes?: Uint8Array): Hints | undefined {
  if (!text.includes("\\")) {
    const offsets = rules.scanner.hintsInJson(text, bytes ?? Buffer.from(text, "latin1"));
    return offsets.length === 0 ? undefined : { offsets, hidden: false };
  }
  const plain = withoutEscapes(text);
  const offsets = rules.scanner.hintsInJson(plain, Buffer.from(plain, "latin1"));
  const hidden = hiddenCharacter.test(text);
  return offsets.length === 0 && !hidden ? undefined : { offsets, hidden };
}

/** An escape of a letter, a digit, `@` or `_`, which nothing that writes JSON makes by itself. */
const hiddenCharacter = /\\u00(?:3[0-9]|4[0-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aA])/;

/** The same length, with every escaped character in the last place of its escape, and spaces before it. */
function withoutEscapes(text: string): string {
  return text.replace(
    /\\(?:u00([2-7][0-9a-fA-F])|u[0-9a-fA-F]{4}|(.))/gs,
    (escaped, code?: string, simple?: string) => {
      const character = code !== undefined ? String.fromCharCode(Number.parseInt(code, 16)) : (simple ?? " ");
      // `\\/` becomes two slashes, so that `https:\\/\\/` still looks like one; line ends and backslashes become spaces.
      if (character === "/") return "//";
      return (simple !== undefined && /[\\nrtbf]/.test(character) ? " " : character).padStart(escaped.length, " ");
    },
  );
}

/** Whether this JSON text (as latin1) may hold a secret: a cheap look. True may be wrong, false may not. */
export function mayHoldSecretInJson(text: string, rules: RedactionRules): boolean {
  return findHints(text, rules) !== undefined;
}

/**
 * Replaces, in JSON text (UTF-8 bytes read as latin1), every scalar under a secret name, at any depth, and every secret
 * that is told by its form, in place: all other bytes stay. Strings that hold JSON themselves are looked into. Several
 * values, one a line, are JSON too (`application/x-ndjson`). Places are `prefix` and the JSON Pointer; those added before
 * the text turned out to be damaged mean nothing. Of a text that was cut (`isWhole` false) what comes after its last
 * whole token is left out, as it may be the beginning of a secret.
 */
export function redactJson(
  text: string,
  redaction: Redaction,
  places: PlaceList,
  prefix: string,
  { isWhole = true, bytes }: { isWhole?: boolean; bytes?: Uint8Array } = {},
): RedactedJson {
  const hints = findHints(text, redaction.rules, bytes);
  if (hints === undefined && !redaction.rules.looksAtPlaces) return unchanged;
  const inWhole = new PlaceList();
  const whole = redactValue(text, redaction, inWhole, prefix, hints ?? noHints, isWhole, bytes);
  if (whole.kind === "damaged" && text.includes("\n")) return redactLines(text, redaction, places, prefix, isWhole);
  if (whole.kind !== "damaged") places.addAll(inWhole);
  return whole;
}

const noHints: Hints = { offsets: [], hidden: false };

function redactLines(
  text: string,
  redaction: Redaction,
  places: PlaceList,
  prefix: string,
  isWhole: boolean,
): RedactedJson {
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const inLine = prefix === "body:" ? `body:line ${index + 1} ` : prefix;
    const isWholeLine = isWhole || index < lines.length - 1;
    const hints = findHints(line, redaction.rules) ?? noHints;
    const redacted = redactValue(line, redaction, places, inLine, hints, isWholeLine);
    if (redacted.kind === "damaged") return redacted;
    if (redacted.kind === "redacted") lines[index] = redacted.text;
  }
  const joined = lines.join("\n");
  return joined === text ? unchanged : { kind: "redacted", text: joined };
}

function redactValue(
  text: string,
  redaction: Redaction,
  places: PlaceList,
  prefix: string,
  hints: Hints,
  isWhole: boolean,
  bytes?: Uint8Array,
): RedactedJson {
  const scanner = new JsonScanner(bytes ?? Buffer.from(text, "latin1"), text.startsWith("\xef\xbb\xbf") ? 3 : 0);
  const found = new HintCursor(hints, redaction.rules.looksAtPlaces);
  const path = new JsonPath(text, redaction.rules);
  const scalars = new JsonScalars(text, scanner, redaction, places);
  const pieces: string[] = [];
  let copiedTo = 0;
  for (;;) {
    const token = scanner.next();
    if (token === "invalid" || (token === "number" && !isWhole && isLongAtEnd(text, scanner))) {
      if (isWhole || !isCutAt(text, scanner.start)) return damaged;
      if (scanner.start < text.length) places.add(prefix.replace(/[: ]+$/, ""), "cut");
      return { kind: "redacted", text: pieces.join("") + text.slice(copiedTo, scanner.start) };
    }
    if (token === "end") break;
    const isHinted = found.isAt(scanner);
    // What comes after the last hint has been looked at; of a whole text nothing more needs to be known.
    if (isWhole && found.isOver && !path.isInSecret) break;
    const named = path.follow(token, scanner, isHinted);
    if (!(isHinted || named !== undefined) || token === "key" || !isScalar(token)) continue;
    const replaced = scalars.replacementFor(token, named, prefix + path.pointer());
    if (replaced === undefined) continue;
    pieces.push(text.slice(copiedTo, scanner.start), replaced);
    copiedTo = scanner.end;
  }
  if (copiedTo === 0) return unchanged;
  pieces.push(text.slice(copiedTo));
  return { kind: "redacted", text: pieces.join("") };
}

/** Goes along the hints with the scanner. */
class HintCursor {
  private at = 0;
  private next: number;

  constructor(
    private readonly hints: Hints,
    /** Every token is looked at. */
    private readonly always: boolean,
  ) {
    this.next = hints.offsets[0] ?? Number.POSITIVE_INFINITY;
  }

  /** No token from here on is hinted at. */
  get isOver(): boolean {
    return this.next === Number.POSITIVE_INFINITY && !this.always && !this.hints.hidden;
  }

  /** Whether the scanner's token may hold a secret, or the name of one. */
  isAt({ start, end, escaped }: JsonScanner): boolean {
    while (this.next < start) this.next = this.hints.offsets[++this.at] ?? Number.POSITIVE_INFINITY;
    return this.next < end || this.always || (this.hints.hidden && escaped);
  }
}

function isScalar(token: JsonToken): boolean {
  return token === "string" || token === "number" || token === "true" || token === "false" || token === "null";
}

/** Whether what stands from there on is a token that the end of the text cut off, or nothing. */
function isCutAt(text: string, at: number): boolean {
  return /^\s*(?:"(?:[^"\\]|\\.)*\\?|[\w+.-]*)$/s.test(text.slice(at));
}

/** A number that may go on, and be one of which only the whole is told as a secret. */
function isLongAtEnd(text: string, { start, end }: JsonScanner): boolean {
  return end === text.length && end - start >= 6;
}

/** Says what is written in place of a scalar. */
class JsonScalars {
  constructor(
    private readonly text: string,
    private readonly scanner: JsonScanner,
    private readonly redaction: Redaction,
    private readonly places: PlaceList,
  ) {}

  /** Undefined where there is nothing to hide. `named` is the rule by which its name, or one above it, is secret. */
  replacementFor(token: JsonToken, named: string | undefined, place: string): string | undefined {
    const rule = named ?? demandedBy(this.redaction, place);
    if (rule !== undefined) return this.whole(token, rule, place);
    return token === "string" ? this.inString(place) : this.inNumber(token, place);
  }

  private whole(token: JsonToken, rule: string, place: string): string | undefined {
    const { scanner, redaction, places } = this;
    if (token === "null") return undefined;
    const raw = this.text.slice(scanner.start, scanner.end);
    const value = token === "string" ? decodeString(raw) : raw;
    const replaced = replaceWhole(value, rule, redaction, places, place, (secret) => this.replacement(token, secret));
    // What stands for a class may be the value itself: it was replaced all the same.
    if (replaced === value && (value === "" || !mayReplace(redaction, place, rule))) return undefined;
    return token === "string" ? encodeString(replaced) : replaced;
  }

  private replacement(token: JsonToken, value: string): Replacement {
    if (token === "string") return replaceSecret(value, this.redaction.key);
    return token === "number" ? replaceNumber(value, this.redaction.key) : replacedBoolean;
  }

  /** JSON inside the string, or text. What begins like JSON and is damaged is replaced whole. */
  private inString(place: string): string | undefined {
    const { redaction, places, scanner } = this;
    const value = decodeString(this.text.slice(scanner.start, scanner.end));
    const redacted = redactEmbedded(value, redaction, places, place);
    return redacted === value ? undefined : encodeString(redacted);
  }

  private inNumber(token: JsonToken, place: string): string | undefined {
    if (token !== "number") return undefined;
    const lexeme = this.text.slice(this.scanner.start, this.scanner.end);
    const redacted = redactText(lexeme, this.redaction, this.places, place);
    return redacted === lexeme ? undefined : redacted;
  }
}

/**
 * Replaces the secrets in a decoded text that may be JSON itself: a string inside JSON, a form's field, a cookie. JSON that
 * is damaged and may hold a secret is replaced whole. The same string when there is none.
 */
export function redactEmbedded(value: string, redaction: Redaction, places: PlaceList, place: string): string {
  if (!/^\s*[{[]/.test(value) || !/[}\]]\s*$/.test(value)) {
    return /^\s*[{[]\s*"/.test(value) && mayHoldSecretInJson(toLatin1(value), redaction.rules)
      ? replaceWhole(value, "names", redaction, places, place)
      : redactText(value, redaction, places, place);
  }
  const inner = new PlaceList();
  const redacted = redactJson(
    toLatin1(value),
    within(redaction, () => place),
    inner,
    "",
  );
  switch (redacted.kind) {
    case "unchanged":
      return value;
    case "damaged":
      return beginsLikeObject.test(value)
        ? replaceWhole(value, "names", redaction, places, place)
        : redactText(value, redaction, places, place);
    case "redacted": {
      places.addAll(inner, () => place);
      return Buffer.from(redacted.text, "latin1").toString("utf8");
    }
  }
}

const beginsLikeObject = /^\s*(?:\{\s*"|\[\s*[[{"])/;

function toLatin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
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

  /** The rule by which that name is secret. */
  private secretBy = "";
  /** Of what stands under that name text alone is secret. */
  private ofTextAlone = false;
  /** Where keys begin that are secret by those beside them; found when one may be. */
  private inCompany: ReadonlySet<number> | undefined;

  constructor(
    private readonly text: string,
    private readonly rules: RedactionRules,
  ) {}

  /** Takes note of a token; gives the rule by which a name that it stands under is secret. */
  follow(token: JsonToken, scanner: JsonScanner, isHinted: boolean): string | undefined {
    switch (token) {
      case "key":
        this.enterKey(scanner, isHinted);
        return undefined;
      case "object-start":
      case "array-start":
        if (this.ofTextAlone) this.leaveName();
        this.countItem();
        this.depth++;
        this.keyStarts[this.depth] = -1;
        this.keyEnds[this.depth] = -1;
        return undefined;
      case "object-end":
      case "array-end":
        this.depth--;
        if (this.depth < this.secretDepth) this.secretDepth = Number.POSITIVE_INFINITY;
        return undefined;
      default:
        this.countItem();
        return this.depth >= this.secretDepth ? this.ruleFor(token, scanner) : undefined;
    }
  }

  /** A secret name is open. */
  get isInSecret(): boolean {
    return this.secretDepth !== Number.POSITIVE_INFINITY;
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

  /** A key in which nothing was found without parsing has no secret name. */
  private enterKey(scanner: JsonScanner, isHinted: boolean): void {
    const { depth } = this;
    this.keyStarts[depth] = scanner.start;
    this.keyEnds[depth] = scanner.end;
    if (depth > this.secretDepth) return;
    if (!isHinted) {
      this.secretDepth = Number.POSITIVE_INFINITY;
      this.ofTextAlone = false;
      return;
    }
    const name = scanner.escaped
      ? decodeString(this.text.slice(scanner.start, scanner.end))
      : this.text.slice(scanner.start + 1, scanner.end - 1);
    const rule = this.rules.namedBy(name, "json") ?? this.namedBeside(name, scanner.start);
    this.secretDepth = rule === undefined ? Number.POSITIVE_INFINITY : depth;
    this.secretBy = rule ?? "";
    this.ofTextAlone = rule === "names" && secrecyOf(name) === "text";
  }

  private namedBeside(name: string, keyStart: number): string | undefined {
    if (!isSecretInCompany(name) || !this.rules.isOn("names")) return undefined;
    this.inCompany ??= keysInCompany(this.text);
    return this.inCompany.has(keyStart) ? "names" : undefined;
  }

  private ruleFor(token: JsonToken, { start, end }: JsonScanner): string | undefined {
    if (!this.ofTextAlone) return this.secretBy;
    return token === "string" && !isResult(this.text.slice(start + 1, end - 1)) ? this.secretBy : undefined;
  }

  /** What is below a name of text is judged by its own names. */
  private leaveName(): void {
    this.ofTextAlone = false;
    this.secretDepth = Number.POSITIVE_INFINITY;
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
