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

/** Beside the patterns: what the scanner needs to know of names. */
export interface NamesToScanFor {
  /** Of each own name of the rules the longest word: where it does not stand, the name does not. */
  ownWords: readonly string[];
  /** Names that are secret unasked are looked for. */
  hasNames: boolean;
  /** Values beside a telling name are looked for in text. */
  readsText: boolean;
  isSecretName: (name: string) => boolean;
}

/** What may begin at a start: a name, or a pattern with known characters. */
const stemBit = 1;
const literalBit = 2;

const nameCharacter = /[\w.[\]$-]/;
/** How far a name in text may reach in each direction from its stem. */
const nameReach = 64;
const longestKey = 128;

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
  readonly #wholes: readonly SecretPattern[];
  readonly #names: NamesToScanFor;
  /** An own name has no word of three characters, so no key can be passed over unread. */
  readonly #readsAllNames: boolean;

  constructor(patterns: readonly SecretPattern[], names: NamesToScanFor) {
    this.#names = names;
    this.#readsAllNames = names.ownWords.some((word) => word.length < 3);
    for (const stem of [...(names.hasNames ? nameStems : []), ...names.ownWords]) {
      this.#table.add(stem, stemBit, { anyCase: true });
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
    const hasAccountStart = this.#walk(text, bytes, found, (at) => {
      if (this.#isKey(text, at)) found.push({ start: at, end: at, rule: "" });
      else if (this.#names.readsText) this.#assignment(text, at, found);
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
    return this.#table.walk(text, bytes, (at, bits, hash) => {
      if ((bits & literalBit) !== 0) this.#literal(text, at, hash, found);
      if ((bits & stemBit) !== 0 && onStem !== undefined) onStem(at);
    });
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

  /** Whether the stem stands in the key of an object, and that is a secret one. */
  #isKey(text: string, at: number): boolean {
    const most = Math.min(text.length, at + longestKey);
    let close = at;
    while (close < most && text.charCodeAt(close) !== 0x22) close++;
    if (close === most) return false;
    let next = close + 1;
    while (isSpace(text.charCodeAt(next))) next++;
    if (text.charCodeAt(next) !== 0x3a) return false;
    const open = text.lastIndexOf('"', at);
    return open !== -1 && at - open <= longestKey && this.#names.isSecretName(text.slice(open + 1, close));
  }

  /** `password=…` and its like. */
  #assignment(text: string, at: number, found: SecretSpan[]): void {
    const end = wordEnd(text, at);
    separator.lastIndex = end;
    const between = separator.exec(text);
    if (between === null || !this.#names.isSecretName(text.slice(wordStart(text, at), end))) return;
    assignedValue.lastIndex = separator.lastIndex;
    const value = assignedValue.exec(text)?.[0];
    if (value === undefined || !isAssigned(value, between[1]!, text[assignedValue.lastIndex])) return;
    found.push({ start: assignedValue.lastIndex - value.length, end: assignedValue.lastIndex, rule: "text" });
  }
}

function needsAccountStart({ find }: SecretPattern): boolean {
  return find.kind === "whole" && find.beginsLikeAccount === true;
}

const none: readonly SecretSpan[] = [];
const noHints: readonly number[] = [];

/** After `=` any value; after a colon, which stands in prose too, one that no word looks like. */
function isAssigned(value: string, between: string, after: string | undefined): boolean {
  if (noValue.test(value) || after === "(") return false;
  if (!between.includes(":") && between !== "%3A") return true;
  return (
    /[0-9]/.test(value) || /[a-z][A-Z]|[!#$%^*+~]/.test(value) || (value.length >= 12 && entropyBits(value) >= 3.5)
  );
}

function wordStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < nameReach && nameCharacter.test(text[start - 1]!)) start--;
  return start;
}

function wordEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && end - at < nameReach && nameCharacter.test(text[end]!)) end++;
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
