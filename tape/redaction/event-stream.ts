import { type RedactedJson, redactJson } from "./json.js";
import type { RedactionKey } from "./key.js";
import type { PlaceList } from "./places.js";

/** A field of an event: its name, a colon, one space at most (WHATWG HTML, section 9.2.5). */
const dataLine = /^(data: ?)(.*)$/;

/**
 * Redacts the JSON in the `data` lines of an event stream (text/event-stream). JSON spread over several lines of one
 * event cannot be replaced line by line: that is `damaged`. Places are `body:event N` and a JSON Pointer.
 */
export function redactEventStream(text: string, key: RedactionKey, places: PlaceList): RedactedJson {
  const pieces = text.split(/(\r\n|\n|\r)/);
  let event = 0;
  let changed = false;
  for (const [index, line] of pieces.entries()) {
    if (index % 2 === 1) continue;
    if (line === "") event++;
    const [, field, json] = dataLine.exec(line) ?? [];
    if (field === undefined || !/^\s*[[{"]/.test(json!)) continue;
    const redacted = redactJson(json!, key, places, `body:event ${event} `);
    if (redacted.kind === "damaged") return redacted;
    if (redacted.kind === "unchanged") continue;
    pieces[index] = field + redacted.text;
    changed = true;
  }
  return changed ? { kind: "redacted", text: pieces.join("") } : { kind: "unchanged" };
}
