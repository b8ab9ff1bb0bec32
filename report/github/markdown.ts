import { visible, visibleLine } from "../visible.js";

// What Markdown (CommonMark 0.31, GFM) gives a meaning to. A character reference is text and never structure (section 2.5).
// "www." begins a link of GFM's own.
const special = /[&<>"'`*_~|\\[\]#!@:]|(?<=www)\./gi;

/** Text that came from traffic, on one line, as inline code that nothing inside can leave: no link, mention or markup. */
export function code(text: string): string {
  return `<code>${plain(text)}</code>`;
}

/** Text that came from traffic, on one line, without markup. */
export function plain(text: string): string {
  return visibleLine(text).replace(special, (char) => `&#${char.charCodeAt(0)};`);
}

/** A fenced block: the fence is longer than any run of backticks inside (CommonMark, section 4.5). */
export function fenced(text: string, language: string): string {
  const runs = text.match(/`+/g) ?? [];
  const fence = "`".repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return `${fence}${language}\n${visible(text)}\n${fence}`;
}

/** A table; cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], numbersFrom = 1): string {
  const rule = head.map((_, at) => (at >= numbersFrom ? "--:" : "---"));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** A part that is folded until asked for. `title` is Markdown already. Blank lines let Markdown be Markdown inside. */
export function folded(title: string, content: string): string {
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`;
}
