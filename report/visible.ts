// C0 and C1 controls except tab and newline, DEL, invisible and direction-changing format characters (a report must
// show what is there: CVE-2021-42574), noncharacters, and halves of surrogate pairs, which UTF-8 cannot carry.
const unseen = /[\p{Surrogate}\p{Noncharacter_Code_Point}\p{Cf}\p{Zl}\p{Zp}]|(?![\t\n])\p{Cc}/gu;

/**
 * Text that came from traffic, with every character that a terminal, XML or HTML would obey, hide or refuse written as
 * `\u{1b}`. Tabs and newlines stay. The outcome is well-formed Unicode.
 */
export function visible(text: string): string {
  return text.replace(unseen, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

/** As {@link visible}, on one line: newlines and tabs become `\n` and `\t`, spelled out. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

/** At most so many characters, never half of a surrogate pair; what is cut is marked with `…`. */
export function shortened(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const end = maxChars - 1;
  const splitsPair = /[\ud800-\udbff]/.test(text.charAt(end - 1));
  return `${text.slice(0, splitsPair ? end - 1 : end)}…`;
}

/** As {@link shortened}, with what is cut taken out of the middle: its beginning and its end stay. */
export function shortenedInside(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const start = text.length - Math.floor(maxChars / 2);
  const splitsPair = /[\udc00-\udfff]/.test(text.charAt(start));
  return shortened(text, Math.ceil(maxChars / 2)) + text.slice(splitsPair ? start + 1 : start);
}
