import { countInWords } from "../numbers.js";
import { shortened } from "../visible.js";
import { type Html, html } from "./escape.js";
import type { Line } from "./json-lines.js";
import type { Row } from "./side-by-side.js";

/** Rows kept around each that matters. */
const contextRows = 3;
/** Of a stretch that changed, away from the place: an answer beside a failure differs in every line. */
const mostInARow = 6;
const mostLineChars = 240;
/** More rows than that are not laid out before they are scrolled to. */
const mostShort = 12;

/** Two columns of the same height: rows that matter, at most so many, with a little around them; the rest is folded away. */
export function sides(
  rows: readonly Row[],
  names: { expected: string; actual: string },
  { mostRows = 60 }: { mostRows?: number } = {},
): Html {
  const shown = folded(rows, mostRows);
  return html`<div class="sides${shown.length > mostShort && " long"}">
<div class="side expected"><h4>${names.expected}</h4><pre tabindex="0">${shown.map((row) => sideOf(row, "expected"))}</pre></div>
<div class="side actual"><h4>${names.actual}</h4><pre tabindex="0">${shown.map((row) => sideOf(row, "actual"))}</pre></div>
</div>`;
}

type Shown = Row | { kind: "fold"; lines: number; differing: number };

function folded(rows: readonly Row[], mostRows: number): Shown[] {
  const keeps = kept(rows, mostRows);
  const shown: Shown[] = [];
  for (let at = 0; at < rows.length; ) {
    let end = at;
    while (end < rows.length && keeps[end] === 0) end++;
    const hidden = rows.slice(at, end);
    if (hidden.length === 1) shown.push(hidden[0]!);
    else if (hidden.length > 1) {
      shown.push({
        kind: "fold",
        lines: hidden.length,
        differing: hidden.filter(({ kind }) => kind === "changed").length,
      });
    }
    if (end < rows.length) shown.push(rows[end++]!);
    at = end;
  }
  return shown;
}

/** 1 for each row that is shown: those of the place first, then others that changed, each with a little around it. */
function kept(rows: readonly Row[], mostRows: number): Uint8Array {
  const keeps = new Uint8Array(rows.length);
  let left = mostRows;
  const keep = (at: number) => {
    for (let near = Math.max(0, at - contextRows); near <= Math.min(rows.length - 1, at + contextRows); near++) {
      if (keeps[near] === 0 && left-- > 0) keeps[near] = 1;
    }
  };
  if (rows.length > 0) keeps[0] = 1;
  rows.forEach((row, at) => {
    if (row.marked) keep(at);
  });
  let inARow = 0;
  rows.forEach((row, at) => {
    inARow = row.kind === "changed" && !row.marked ? inARow + 1 : 0;
    if (inARow > 0 && inARow <= mostInARow) keep(at);
  });
  return keeps;
}

// A block ends its own line: the line feed inside is what gives an empty one its height.
function sideOf(row: Shown, side: "expected" | "actual"): Html {
  if (row.kind === "fold") {
    const some = row.differing === row.lines ? "lines differ" : `lines, ${countInWords(row.differing)} of them differ`;
    const what = row.differing === 0 ? "equal lines" : some;
    return html`<span class="fold">⋯ ${countInWords(row.lines)} ${what}\n</span>`;
  }
  const line = row[side];
  const marked = row.marked ? " at" : "";
  if (line === undefined) return html`<span class="none${marked}">\n</span>`;
  if (row.kind === "equal")
    return row.marked ? html`<span class="same at">${cut(line)}\n</span>` : html`${cut(line)}\n`;
  return html`<span class="changed${marked}">${changedText(row, side)}\n</span>`;
}

function cut(line: Line): string {
  return shortened(line.text, mostLineChars);
}

/** The line with what differs from the other side marked, and cut around it when it is long. */
function changedText(row: Row, side: "expected" | "actual"): Html {
  const text = row[side]!.text;
  const other = row[side === "expected" ? "actual" : "expected"]?.text;
  if (other === undefined) return wholeMarked(shortened(text, mostLineChars));
  const shortest = Math.min(text.length, other.length);
  let head = 0;
  while (head < shortest && text[head] === other[head]) head++;
  if (head > 0 && isHighSurrogate(text, head - 1)) head--;
  let tail = 0;
  while (tail < shortest - head && text.at(-1 - tail) === other.at(-1 - tail)) tail++;
  if (tail > 0 && isLowSurrogate(text, text.length - tail)) tail--;
  const [before, differs, after] = [
    text.slice(0, head),
    text.slice(head, text.length - tail),
    text.slice(text.length - tail),
  ];
  const lead =
    before.length > 80 && text.length > mostLineChars ? `${before.slice(0, 32)}…${before.slice(-40)}` : before;
  return html`${lead}<mark>${shortened(differs, mostLineChars)}</mark>${shortened(after, 60)}`;
}

function wholeMarked(text: string): Html {
  const start = text.length - text.trimStart().length;
  return html`${text.slice(0, start)}<mark>${text.slice(start)}</mark>`;
}

function isHighSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800;
}

function isLowSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}
