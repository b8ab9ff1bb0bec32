import { type RedactedJson, redactJson } from "./json.js";
import type { PlaceList } from "./places.js";
import type { Redaction } from "./rules/redaction.js";
import { redactText } from "./text/text.js";

/** A line's field, its colon, one space at most (WHATWG HTML, section 9.2.5); a comment has no name. */
const fieldLine = /^([^:]*: ?)(.*)$/s;

/**
 * Redacts the events of a stream (text/event-stream): the `data` of an event is JSON or text, which may stand on several
 * lines; other fields and comments are text. Places are `body:event N`, followed by a JSON Pointer. What is JSON and
 * damaged, and may hold a secret, makes the whole damaged.
 */
export function redactEventStream(text: string, redaction: Redaction, places: PlaceList, isWhole = true): RedactedJson {
  const lines = text.split(/(\r\n|\n|\r)/);
  let event = 0;
  let changed = false;
  for (let at = 0; at < lines.length; ) {
    const end = eventEnd(lines, at);
    const isLast = end >= lines.length;
    const redacted = redactEvent(lines, at, end, redaction, places, event, isWhole || !isLast);
    if (redacted === "damaged") return { kind: "damaged" };
    changed ||= redacted;
    event++;
    at = end + 2;
  }
  return changed ? { kind: "redacted", text: lines.join("") } : { kind: "unchanged" };
}

/** The blank line that ends the event; the number of lines and line ends where there is none. */
function eventEnd(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && lines[at] !== "") at += 2;
  return at;
}

function redactEvent(
  lines: string[],
  from: number,
  end: number,
  redaction: Redaction,
  places: PlaceList,
  event: number,
  isWhole: boolean,
): boolean | "damaged" {
  const dataLines: number[] = [];
  let changed = false;
  for (let at = from; at < end; at += 2) {
    if (lines[at]!.startsWith("data:")) dataLines.push(at);
    else changed = redactLine(lines, at, redaction, places, `body:event ${event}`) || changed;
  }
  if (dataLines.length === 0) return changed;
  const data = dataLines.map((at) => dataOf(lines[at]!));
  const redacted = redactData(data.join("\n"), redaction, places, `body:event ${event} `, isWhole);
  if (redacted.kind !== "redacted") return redacted.kind === "damaged" ? "damaged" : changed;
  // Only what stands between line ends was replaced, so there are as many lines as before; a cut one may have lost some.
  const parts = redacted.text.split("\n");
  for (const [index, at] of dataLines.entries()) lines[at] = fieldOf(lines[at]!) + (parts[index] ?? "");
  return true;
}

function redactData(
  data: string,
  redaction: Redaction,
  places: PlaceList,
  prefix: string,
  isWhole: boolean,
): RedactedJson {
  if (/^\s*[[{"]/.test(data)) return redactJson(data, redaction, places, prefix, { isWhole });
  const redacted = redactText(data, redaction, places, prefix.trimEnd());
  return redacted === data ? { kind: "unchanged" } : { kind: "redacted", text: redacted };
}

function redactLine(lines: string[], at: number, redaction: Redaction, places: PlaceList, place: string): boolean {
  const line = lines[at]!;
  const redacted = redactText(line, redaction, places, place);
  lines[at] = redacted;
  return redacted !== line;
}

function fieldOf(line: string): string {
  return fieldLine.exec(line)![1]!;
}

function dataOf(line: string): string {
  return fieldLine.exec(line)![2]!;
}
