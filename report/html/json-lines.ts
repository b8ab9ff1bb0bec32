import { escapePointerToken } from "../../message/index.js";
import { type LinePlace, linePlace } from "./line-place.js";

/** One line of an answer as it is shown, and the place it stands for. */
export interface Line {
  text: string;
  /** Absent on lines that only close something. */
  place?: LinePlace;
}

/** What is deeper is indented no further: a value must not stand out of sight. */
const mostIndented = 30;

const token = /\s*(?:([{}[\],:])|("[^"\\]*(?:\\.[^"\\]*)*")|([^\s{}[\],:"]+))/gy;

interface Level {
  closes: "}" | "]";
  place: LinePlace;
  /** Of the next element of an array; members of objects are known by their key. */
  index: number;
}

/**
 * JSON laid out two spaces deep, numbers and strings as they were written (a number beyond 2^53 keeps its digits), each
 * line with the place it stands for. Undefined for text that is not JSON. Works with any depth, in memory that grows with
 * the text.
 */
export function jsonLines(text: string): Line[] | undefined {
  if (!isJson(text)) return undefined;
  const lines: Line[] = [];
  const levels: Level[] = [];
  const root = linePlace("body:");
  let line: Line = { text: "", place: root };
  const begin = (next: Line) => {
    lines.push(line);
    line = next;
  };
  const indent = () => "  ".repeat(Math.min(levels.length, mostIndented));
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
        place: line.place ?? root,
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

function placeIn({ closes, place, index }: Level): LinePlace {
  return closes === "]" ? { within: place, part: String(index) } : place;
}

function memberPlace({ place }: Level, key: string): LinePlace {
  return { within: place, part: escapePointerToken(String(JSON.parse(key))) };
}
