const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const none = /\p{Mn}|\p{Me}/u;

/** How many terminal columns a text without escape sequences takes: East Asian wide characters two, combining ones none. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const char of text) columns += none.test(char) ? 0 : wide.test(char) ? 2 : 1;
  return columns;
}

export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - columnsOf(text)));
}

export function padStart(text: string, columns: number): string {
  return " ".repeat(Math.max(0, columns - columnsOf(text))) + text;
}

/** The text if it fits, else its beginning and `…`. */
export function clipped(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = "";
  for (const char of text) {
    if (columnsOf(kept + char) > columns - 1) break;
    kept += char;
  }
  return `${kept}…`;
}

/**
 * Breaks a text at spaces so that each line fits; a word longer than a line is broken inside. The first line begins with
 * `first`, the others with as many spaces.
 */
export function wrapped(text: string, width: number, first = ""): string[] {
  const indent = columnsOf(first);
  const room = Math.max(16, width - indent);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((long) => pieces(long, room))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && columnsOf(longer) > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  lines.push(line);
  return lines.map((content, at) => (at === 0 ? first : " ".repeat(indent)) + content);
}

function pieces(word: string, room: number): string[] {
  if (columnsOf(word) <= room) return [word];
  const parts: string[] = [];
  let part = "";
  for (const char of word) {
    if (columnsOf(part + char) > room) {
      parts.push(part);
      part = "";
    }
    part += char;
  }
  return [...parts, part];
}
