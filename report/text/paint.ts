/** Marks stretches of text for a terminal. Without colour every mark gives the text back as it is. */
export type Paint = Record<"bold" | "dim" | "red" | "green" | "yellow" | "blue", (text: string) => string>;

/** SGR codes (ECMA-48, section 8.3.117). */
export function paintFor(color: boolean): Paint {
  const mark = (on: number, off: number) => (text: string) => (color ? `\u001b[${on}m${text}\u001b[${off}m` : text);
  return {
    bold: mark(1, 22),
    dim: mark(2, 22),
    red: mark(31, 39),
    green: mark(32, 39),
    yellow: mark(33, 39),
    blue: mark(34, 39),
  };
}
