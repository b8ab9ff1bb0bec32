/** Excerpts are no longer than this, in characters, whatever was compared. */
export const longestExcerpt = 200;

/** A text short enough to show, in printable characters; what was left out is counted. */
export function excerpt(text: string): string {
  if (text.length <= longestExcerpt) return printable(text);
  const left = text.length - longestExcerpt;
  return `${printable(text.slice(0, longestExcerpt))}… (${left} more)`;
}

/** Both texts around the first character in which they differ, from the same place on. */
export function excerptsAround(expected: string, actual: string): [expected: string, actual: string] {
  const start = Math.max(0, firstDifference(expected, actual) - longestExcerpt / 4);
  const around = (text: string) => (start > 0 ? "…" : "") + excerpt(text.slice(start));
  return [around(expected), around(actual)];
}

/** Index of the first character (or byte) in which two texts (or byte arrays) differ; the shorter length if in none. */
export function firstDifference(left: ArrayLike<unknown>, right: ArrayLike<unknown>): number {
  const shorter = Math.min(left.length, right.length);
  let at = 0;
  while (at < shorter && left[at] === right[at]) at++;
  return at;
}

/** Control characters, lone surrogates and the like as escapes, so that a terminal or a page is not upset by them. */
export function printable(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const named = names.get(character);
    return named ?? `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`;
  });
}

const plain = /^[\x20-\x7e]*$/;

const names: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);
