import { escapePointerToken } from "../../message/index.js";

/** One line of an answer as it is shown, and the place it stands for. */
export interface Line {
  text: string;
  /** `status`, `header:etag`, `body:/ratings/0/stars`; absent on lines that only close something. */
  place?: string;
}

const token = /\s*(?:([{}[\],:])|("[^"\\]*(?:\\.[^"\\]*)*")|([^\s{}[\],:"]+))/gy;

interface Level {
  closes: "}" | "]";
  pointer: string;
  /** Of the next element of an array; members of objects are known by their key. */
  index: number;
}

/**
 * JSON laid out two spaces deep, numbers and strings as they were written (a number beyond 2^53 keeps its digits), each
 * line with the place it stands for. Undefined for text that is not JSON. Works with any depth.
 */
export function jsonLines(text: string): Line[] | undefined {
  if (!isJson(text)) return undefined;
  const lines: Line[] = [];
  const levels: Level[] = [];
  let line: Line = { text: "", place: "body:" };
  const begin = (next: Line) => {
    lines.push(line);
    line = next;
  };
  const indent = () => "  ".repeat(Math.min(levels.length, 60));
  let opened = false;
  for (const [, mark, string, scalar] of text.matchAll(token)) {
    const level = levels.at(-1);
    const closing = mark === "}" || mark === "]";
    if (opened && !closing) begin({ text: indent(), place: placeIn(level!) });
    const isKey = string !== undefined && level?.closes === "}" && !line.text.endsWith(": ");
    if (isKey) line = { text: `${line.text}${string}`, place: memberPlace(level, string) };
    else if (string !== undefined || scalar !== undefined) line.text += string ?? scalar;
    else if (mark === ":") line.text += ": ";
    else if (mark === ",") {
      line.text += ",";
      level!.index++;
      begin({ text: indent(), place: placeIn(level!) });
    } else if (closing) {
      levels.pop();
      if (!opened) begin({ text: indent() });
      line.text += mark;
    } else {
      line.text += mark;
      levels.push({
        closes: mark === "{" ? "}" : "]",
        pointer: (line.place ?? "body:").slice("body:".length),
        index: 0,
      });
    }
    opened = mark === "{" || mark === "[";
  }
  return [...lines, line];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function placeIn({ closes, pointer, index }: Level): string {
  return closes === "]" ? `body:${pointer}/${index}` : `body:${pointer}`;
}

function memberPlace({ pointer }: Level, key: string): string {
  return `body:${pointer}/${escapePointerToken(String(JSON.parse(key)))}`;
}
