import { isSecretBeside, isSecretInCompany, mayBeSecretInJson, mayHaveCompany, Neighbours } from "../company.js";
import type { LiteralStart, SecretPattern } from "../patterns/pattern.js";
import { nameStems } from "../secret-names.js";
import { entropyBits } from "./entropy.js";
import { StartTable } from "./starts.js";

/** Where a secret stands in a text, and by which rule. */
export interface SecretSpan {
  start: number;
  end: number;
  rule: string;
}

/** A part of names, in lower case, and where in it the three characters stand that are looked for. */
interface Stem {
  text: string;
  lookedForAt: number;
}

/** Beside the patterns: what the scanner needs to know of names. */
export interface NamesToScanFor {
  /** Of each own name of the rules the longest word: where it does not stand, the name does not. */
  ownWords: readonly string[];
  /** Names that are secret unasked are looked for. */
  hasNames: boolean;
  /** Values beside a telling name are looked for in text. */
  readsText: boolean;
  /** Without the value: some values of that name are secret. */
  isSecretName: (name: string, value?: string) => boolean;
}

/** What may begin at a start: a name, or a pattern with known characters. */
const stemBit = 1;
const literalBit = 2;

/** By code: what a name in text may be made of. */
const isNameCharacter: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) =>
  /[\w.[\]$-]/.test(String.fromCharCode(code)) ? 1 : 0,
);
/** How far a name in text may reach in each direction from its stem. */
const nameReach = 64;
const longestKey = 128;

/** After a key: the beginning of text. */
const firstOfText = /^"\s*:\s*"([^"]{4,})/;

/** What stands between a telling name and its value: `=`, `: "`, `" => '`, also percent-encoded or in markup. */
const separator = /(?:\\*["'`]|%22)?\s*(=>|:=|=|:|%3D|%3A)\s*(?:\\*["'`]|%22)?/iy;
const assignedValue = /[^\s"'`\\&;,<>(){}[\]|]{4,4096}/y;
const noValue =
  /^(?:true|false|null|none|nil|undefined|required|optional|missing|invalid|expired|string|number|boolean|\*+|x+|\.+|-+|\$.*|%[sdv].*|:.*|\/\/.*)$/i;

/**
 * Finds secrets in text without knowing what the text is. One pass over the bytes looks for everything that begins with
 * known characters and for names; what has no known beginning is searched for by expressions that see fast when there is
 * nothing. Made once per set of rules.
 */
export class SecretScanner {
  readonly #table = new StartTable();
  readonly #literals = new Map<number, { rule: string; find: LiteralStart }[]>();
  /** What names are told by, by the hash of the three characters that are looked for. */
  readonly #stems = new Map<number, Stem[]>();
  /** Where fields of a URL were met last in the text that is walked through. */
  #url: UrlInText | undefined;
  readonly #wholes: readonly SecretPattern[];
  readonly #names: NamesToScanFor;
  /** An own name has no word of three characters, so no key can be passed over unread. */
  readonly #readsAllNames: boolean;

  constructor(patterns: readonly SecretPattern[], names: NamesToScanFor) {
    this.#names = names;
    this.#readsAllNames = names.ownWords.some((word) => word.length < 3);
    // Of an own word no more than that: its name may be written with other joints.
    const ownStems = names.ownWords.map((word) => word.slice(0, 3).toLowerCase());
    for (const told of new Set([...(names.hasNames ? nameStems : []), ...ownStems])) {
      const stem = { text: told.replace("|", ""), lookedForAt: Math.max(0, told.indexOf("|")) };
      const hash = this.#table.add(stem.text.slice(stem.lookedForAt), stemBit, { anyCase: true });
      this.#stems.set(hash, [...(this.#stems.get(hash) ?? []), stem]);
    }
    for (const { name, find } of patterns) {
      if (find.kind !== "literal") continue;
      for (const start of find.starts) {
        const hash = this.#table.add(start, literalBit, { anyCase: find.form.ignoreCase });
        this.#literals.set(hash, [...(this.#literals.get(hash) ?? []), { rule: name, find }]);
      }
    }
    this.#wholes = patterns.filter(({ find }) => find.kind === "whole");
    if (this.#wholes.some(needsAccountStart)) this.#table.addCapitalsAndDigits();
  }

  /** The secrets in a text, in order, without overlaps. */
  spans(text: string): readonly SecretSpan[] {
    if (text.length < 4) return none;
    const found: SecretSpan[] = [];
    const assignments = this.#names.readsText ? (at: number) => this.#assignment(text, at, found) : undefined;
    const hasAccountStart = this.#walk(text, undefined, found, assignments);
    this.#searchWholes(text, hasAccountStart, found);
    return found.length === 0 ? none : merged(found);
  }

  /** As `spans`, of what begins with known characters alone: for bytes that may be anything. */
  literalSpans(text: string): readonly SecretSpan[] {
    const found: SecretSpan[] = [];
    this.#walk(text, undefined, found, undefined);
    return found.length === 0 ? none : merged(found);
  }

  /**
   * Where in JSON text (as latin1, with its bytes) a secret may stand, or a name of one, in order; none when there is
   * none for certain. Escapes of ASCII characters in text are read first: give `unescapedForScan(text)`.
   */
  hintsInJson(text: string, bytes: Uint8Array): readonly number[] {
    if (this.#readsAllNames) return Array.from({ length: text.length }, (_, at) => at);
    const found: SecretSpan[] = [];
    const company = new CompanyInText(text);
    const hasAccountStart = this.#walk(text, bytes, found, (at) => {
      const close = keyEnd(text, at);
      if (close !== -1 && this.#isSecretKey(text, at, close, company)) found.push({ start: at, end: at, rule: "" });
      // Of a key that is one word all has been asked.
      else if (this.#names.readsText && (close === -1 || wordEnd(text, at) !== close))
        this.#assignment(text, at, found, true);
    });
    this.#searchWholes(text, hasAccountStart, found);
    return found.length === 0 ? noHints : found.map(({ start }) => start).sort((a, b) => a - b);
  }

  /** Whether a word in the text is a secret name, whatever stands around it; or a pattern is in it. */
  mayHoldSecret(text: string): boolean {
    let isNamed = this.#readsAllNames;
    const found: SecretSpan[] = [];
    const hasAccountStart = this.#walk(text, undefined, found, (at) => {
      if (!isNamed) isNamed = this.#names.isSecretName(text.slice(wordStart(text, at), wordEnd(text, at)));
    });
    if (!isNamed && found.length === 0) this.#searchWholes(text, hasAccountStart, found);
    return isNamed || found.length > 0;
  }

  /** The one pass. What the table knows is looked at closely. True when what an account number begins with was met. */
  #walk(
    text: string,
    bytes: Uint8Array | undefined,
    found: SecretSpan[],
    onStem: ((at: number) => void) | undefined,
  ): boolean {
    const hasShape = this.#table.walk(text, bytes, (at, bits, hash) => {
      if ((bits & literalBit) !== 0) this.#literal(text, at, hash, found);
      if ((bits & stemBit) !== 0 && onStem !== undefined && this.#isStem(text, at, hash)) onStem(at);
    });
    // It holds parts of the text, which may be large.
    this.#url = undefined;
    return hasShape;
  }

  #isStem(text: string, at: number, hash: number): boolean {
    for (const stem of this.#stems.get(hash)!) if (isAt(text, at - stem.lookedForAt, stem.text)) return true;
    return false;
  }

  #literal(text: string, at: number, hash: number, found: SecretSpan[]): void {
    for (const { rule, find } of this.#literals.get(hash)!) {
      find.form.lastIndex = at;
      const match = find.form.exec(text);
      if (match === null || !(find.inWord === true || isWordBoundary(text, at))) continue;
      const secret = match[1] ?? match[0];
      if (find.accepts !== undefined && !find.accepts(secret)) continue;
      const end = at + match[0].length;
      found.push({ start: end - secret.length, end, rule });
    }
  }

  #searchWholes(text: string, hasAccountStart: boolean, found: SecretSpan[]): void {
    for (const pattern of this.#wholes) {
      const { name, find } = pattern;
      if (!hasAccountStart && needsAccountStart(pattern)) continue;
      if (find.kind === "whole") find.search(text, (start, end) => found.push({ start, end, rule: name }));
    }
  }

  /** Whether the key that the stem stands in, and that ends there, is a secret one. */
  #isSecretKey(text: string, at: number, close: number, company: CompanyInText): boolean {
    const open = text.lastIndexOf('"', at);
    if (open === -1 || at - open > longestKey) return false;
    const name = text.slice(open + 1, close);
    if (this.#names.isSecretName(name)) return true;
    if (!this.#names.hasNames) return false;
    // What its escapes leave stands around the name of a key in a string.
    const bare = name.trim();
    if (!isSecretInCompany(bare)) return false;
    const value = firstOfText.exec(text.slice(close, close + 64))?.[1];
    return value !== undefined && mayBeSecretInJson(bare, value) && company.mayBe;
  }

  /**
   * `password=…` and its like. For a hint the text is JSON whose escapes became spaces, so that what depends on them is
   * left to whoever reads the string.
   */
  #assignment(text: string, at: number, found: SecretSpan[], isHint = false): void {
    const end = wordEnd(text, at);
    separator.lastIndex = end;
    const between = separator.exec(text);
    if (between === null) {
      this.#inMarkup(text, at, end, found);
      return;
    }
    const start = wordStart(text, at);
    const name = text.slice(start, end);
    const isNamed = this.#names.isSecretName(name);
    if (!isNamed && !(this.#names.hasNames && isSecretInCompany(name))) return;
    assignedValue.lastIndex = separator.lastIndex;
    const value = assignedIn(text, between[1]!);
    if (value === undefined || !isAssigned(value, between[1]!, text[assignedValue.lastIndex])) return;
    const valueStart = separator.lastIndex;
    const isSecret = isNamed
      ? this.#isSecretValue(text, start, value, name, between, isHint)
      : isSecretBeside(name, value, this.#fieldsBeside(text, at, isHint));
    if (isSecret) found.push({ start: valueStart, end: valueStart + value.length, rule: "text" });
  }

  #fieldsBeside(text: string, at: number, isHint: boolean): Neighbours {
    if (this.#url === undefined || at < this.#url.from || at >= this.#url.to) this.#url = urlAt(text, at, isHint);
    return this.#url.fields;
  }

  /** Of a name that says so of some values alone prose says much (`first pass: …`), a line of settings little else. */
  #isSecretValue(
    text: string,
    start: number,
    value: string,
    name: string,
    between: RegExpExecArray,
    isHint: boolean,
  ): boolean {
    if (!this.#names.isSecretName(name, value)) return false;
    if (isHint || between[1] !== ":" || /["'`]/.test(between[0]) || this.#names.isSecretName(name, "")) return true;
    return /(?:^|\n)[ \t-]*$/.test(text.slice(Math.max(0, start - nameReach), start));
  }

  /** Markup in text: `<password>…</password>`, `<input name="csrf" value="…">`. */
  #inMarkup(text: string, at: number, end: number, found: SecretSpan[]): void {
    const start = wordStart(text, at);
    const before = text[start - 1];
    if (before === undefined || !/[<:="']/.test(before)) return;
    const value = before === "<" || before === ":" ? elementText(text, start, end) : toldValue(text, start, end);
    if (value === undefined || !this.#names.isSecretName(text.slice(start, end), value.text)) return;
    if (noValue.test(value.text)) return;
    found.push({ start: value.start, end: value.start + value.text.length, rule: "text" });
  }
}

function needsAccountStart({ find }: SecretPattern): boolean {
  return find.kind === "whole" && find.beginsLikeAccount === true;
}

const none: readonly SecretSpan[] = [];
const noHints: readonly number[] = [];

/** Whether JSON text has something that stands beside secrets; looked for once, when that is asked. */
class CompanyInText {
  #mayBe: boolean | undefined;

  constructor(private readonly text: string) {}

  get mayBe(): boolean {
    this.#mayBe ??= mayHaveCompany(this.text);
    return this.#mayBe;
  }
}

/** Whether a text goes on with this, which is in lower case, at a place; the case there does not count. */
function isAt(text: string, at: number, stem: string): boolean {
  for (let index = 0; index < stem.length; index++) {
    if ((text.charCodeAt(at + index) | 0x20) !== (stem.charCodeAt(index) | 0x20)) return false;
  }
  return true;
}

/** How far the fields of a URL in text are looked for, in each direction. */
const urlReach = 16 * 1024;

/** A URL in text, and what its fields are called. */
interface UrlInText {
  from: number;
  to: number;
  fields: Neighbours;
}

/** The URL that stands there: `code=…&state=…`. In a hint spaces may stand for `\\u0026`. */
function urlAt(text: string, at: number, isHint: boolean): UrlInText {
  const least = Math.max(0, at - urlReach);
  let from = at;
  while (from > least && !endsUrl(text.charCodeAt(from - 1), isHint)) from--;
  const most = Math.min(text.length, at + urlReach);
  let to = at;
  while (to < most && !endsUrl(text.charCodeAt(to), isHint)) to++;
  const fields = text.slice(from, to).matchAll(/(?:%[0-9a-f]{2})?([\w.-]+)(?:=|%3D)/gi);
  return { from, to, fields: new Neighbours(Array.from(fields, (match) => ({ name: match[1]! }))) };
}

/** A quote, `<` or `>`, and white space. */
function endsUrl(code: number, isHint: boolean): boolean {
  return code === 0x22 || code === 0x27 || code === 0x3c || code === 0x3e || (!isHint && code <= 0x20);
}

interface ValueInText {
  text: string;
  start: number;
}

const startTagEnd = /(?:\s[^<>]{0,512})?>/y;

/** What stands in an element whose name stands there. */
function elementText(text: string, nameStart: number, nameEnd: number): ValueInText | undefined {
  const tagStart = text[nameStart - 1] === ":" ? wordStart(text, nameStart - 1) : nameStart;
  startTagEnd.lastIndex = nameEnd;
  if (text[tagStart - 1] !== "<" || !startTagEnd.test(text)) return undefined;
  const from = startTagEnd.lastIndex;
  const end = text.indexOf("<", from);
  if (end === -1 || !/^<\\?\//.test(text.slice(end, end + 3))) return undefined;
  const inner = text.slice(from, end);
  const value = inner.trim();
  return value === "" ? undefined : { text: value, start: from + inner.indexOf(value) };
}

const restOfWord = /[^\s"'\\<>]*/y;
const namesField = /\b(?:name|id|key|property)\s*=[\s\\]*["']?$/i;
const fieldValue = /\b(?:value|content)\s*=[\s\\]*(?:"([^"\\]*)|'([^'\\]*)|([^\s"'>\\]+))/i;
/** How far a tag is looked for, in each direction. */
const tagReach = 16 * 1024;

/** What stands in the `value` of a tag whose `name` stands there. */
function toldValue(text: string, nameStart: number, nameEnd: number): ValueInText | undefined {
  if (!namesField.test(text.slice(Math.max(0, nameStart - 16), nameStart))) return undefined;
  const before = text.slice(Math.max(0, nameStart - tagReach), nameStart);
  const tagAt = before.lastIndexOf("<");
  if (tagAt === -1 || before.includes(">", tagAt)) return undefined;
  const from = nameStart - before.length + tagAt;
  const after = text.slice(nameEnd, nameEnd + tagReach).indexOf(">");
  const tagEnd = after === -1 ? nameEnd + tagReach : nameEnd + after;
  const match = fieldValue.exec(text.slice(from, tagEnd));
  const value = match?.[1] ?? match?.[2] ?? match?.[3];
  if (value === undefined || value === "") return undefined;
  const end = from + match!.index + match![0].length;
  return { text: value + (end === tagEnd ? restOfValue(text, end) : ""), start: end - value.length };
}

/** Of a value that is longer than the reach. */
function restOfValue(text: string, from: number): string {
  restOfWord.lastIndex = from;
  return restOfWord.exec(text)?.[0] ?? "";
}

/** The value that `assignedValue` was set before; where all is percent-encoded an encoded `&` ends it. */
function assignedIn(text: string, between: string): string | undefined {
  const value = assignedValue.exec(text)?.[0];
  if (value === undefined || between.toUpperCase() !== "%3D") return value;
  const end = value.search(/%2[36]/);
  return end === -1 ? value : end < 4 ? undefined : value.slice(0, end);
}

/** After `=` any value; after a colon, which stands in prose too, one that no word looks like. */
function isAssigned(value: string, between: string, after: string | undefined): boolean {
  if (noValue.test(value) || after === "(") return false;
  if (!between.includes(":") && between !== "%3A") return true;
  return (
    /[0-9]/.test(value) || /[a-z][A-Z]|[!#$%^*+~]/.test(value) || (value.length >= 12 && entropyBits(value) >= 3.5)
  );
}

/** Where the key of an object ends that the stem stands in; -1 when that is none. */
function keyEnd(text: string, at: number): number {
  const most = Math.min(text.length, at + longestKey);
  let close = at;
  while (close < most && text.charCodeAt(close) !== 0x22) close++;
  if (close === most) return -1;
  let next = close + 1;
  while (isSpace(text.charCodeAt(next))) next++;
  return text.charCodeAt(next) === 0x3a ? close : -1;
}

function wordStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < nameReach && isNameCharacter[text.charCodeAt(start - 1)] === 1) start--;
  // What stands there is the end of a percent-encoded character: `%26code`.
  return text[start - 1] === "%" && at >= start + 2 ? start + 2 : start;
}

function wordEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && end - at < nameReach && isNameCharacter[text.charCodeAt(end)] === 1) end++;
  return end;
}

/** No letter, digit or `_` before it, or one that belongs to a percent-encoded character. */
function isWordBoundary(text: string, at: number): boolean {
  if (at === 0 || !/\w/.test(text[at - 1]!)) return true;
  return at >= 3 && /^%[0-9A-Fa-f]{2}$/.test(text.slice(at - 3, at));
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** In order; those that overlap become one, so that nothing of either is left. */
function merged(found: SecretSpan[]): SecretSpan[] {
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const spans: SecretSpan[] = [];
  for (const span of found) {
    const last = spans.at(-1);
    if (last === undefined || span.start >= last.end) spans.push({ ...span });
    else if (span.end > last.end) last.end = span.end;
  }
  return spans;
}
