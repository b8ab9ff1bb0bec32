import { parseJson } from "../../../message/index.js";
import { compareJson } from "../json/compare-json.js";
import { type BodyKind, bothTypes } from "./body-kind.js";

/** `text/event-stream` event by event (WHATWG HTML, section 9.2.6): `body:/3/data/price`; data that is JSON as JSON. */
export const eventStream: BodyKind = {
  name: "event-stream",
  fits: (sides) => bothTypes(sides, (essence) => essence === "text/event-stream"),
  compare({ expected, actual, encoding, isPartial, findings }) {
    const [left, right] = [expected, actual].map((bytes) => eventsOf(bytes.toString(encoding), isPartial));
    const most = isPartial ? Math.min(left!.length, right!.length) : Number.POSITIVE_INFINITY;
    const asArray = (events: readonly string[]) => Buffer.from(`[${events.slice(0, most).join()}]`);
    return compareJson(asArray(left!), asArray(right!), "utf8", findings).kind === "compared";
  },
};

/** The events as JSON texts; of a stream that goes on, what follows the last blank line is none yet. */
function eventsOf(text: string, goesOn: boolean): string[] {
  const events: string[] = [];
  const blocks = text.replace(/^\ufeff/, "").split(/(?:\r\n|\r|\n){2,}/);
  for (const block of goesOn ? blocks.slice(0, -1) : blocks) {
    const event = eventOf(block.split(/\r\n|\r|\n/));
    if (event !== undefined) events.push(event);
  }
  return events;
}

function eventOf(lines: readonly string[]): string | undefined {
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const [, name = "", value = ""] = /^([^:]*)(?::[ ]?(.*))?$/s.exec(line) ?? [];
    if (name === "") continue;
    fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  if (fields.size === 0) return undefined;
  const members = [...fields].map(([name, values]) => {
    const text = name === "data" ? values.join("\n") : values.at(-1)!;
    return `${JSON.stringify(name)}:${name === "data" && isJsonContainer(text) ? text : JSON.stringify(text)}`;
  });
  return `{${members.join()}}`;
}

function isJsonContainer(text: string): boolean {
  return /^\s*[{[]/.test(text) && parseJson(text) !== undefined;
}
