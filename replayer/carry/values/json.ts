import { JsonScanner } from "../../../message/index.js";
import type { Spot, Visit } from "./spot.js";

/** The text of a JSON number (RFC 8259, section 6). */
const numberForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Visits every string and number of a JSON document, below the Spot's base. Gives the document with what was replaced, all
 * other bytes as they came; undefined when nothing was, and for what is no JSON. A number stays a number as long as what
 * replaces it is one.
 */
export function walkJson(bytes: Buffer, spot: Spot, visit: Visit): Buffer | undefined {
  const scanner = new JsonScanner(bytes, hasByteOrderMark(bytes) ? 3 : 0);
  const { keys } = spot;
  const outside = keys.length;
  const pieces: Buffer[] = [];
  let copiedTo = 0;
  const nextIndex = () => {
    const last = keys.at(-1);
    if (keys.length > outside && typeof last === "number") keys[keys.length - 1] = last + 1;
  };
  for (;;) {
    const token = scanner.next();
    switch (token) {
      case "end":
        return pieces.length === 0 ? undefined : Buffer.concat([...pieces, bytes.subarray(copiedTo)]);
      case "invalid":
        keys.length = outside;
        return undefined;
      case "key":
        keys[keys.length - 1] = stringAt(bytes, scanner);
        continue;
      case "object-start":
      case "array-start":
        nextIndex();
        keys.push(token === "array-start" ? -1 : "");
        continue;
      case "object-end":
      case "array-end":
        keys.pop();
        continue;
      case "string":
      case "number": {
        nextIndex();
        spot.isNumber = token === "number";
        const { start, end } = scanner;
        spot.value = spot.isNumber ? bytes.toString("latin1", start, end) : stringAt(bytes, scanner);
        const replaced = visit(spot);
        spot.isNumber = false;
        if (replaced === undefined) continue;
        pieces.push(bytes.subarray(copiedTo, start), Buffer.from(written(replaced, token), "utf8"));
        copiedTo = end;
        continue;
      }
      default:
        nextIndex();
    }
  }
}

function written(value: string, token: "string" | "number"): string {
  return token === "number" && numberForm.test(value) ? value : JSON.stringify(value);
}

function stringAt(bytes: Buffer, scanner: JsonScanner): string {
  const { start, end } = scanner;
  if (scanner.escaped) return JSON.parse(bytes.toString("utf8", start, end)) as string;
  return scanner.beyondAscii
    ? bytes.toString("utf8", start + 1, end - 1)
    : bytes.toString("latin1", start + 1, end - 1);
}

function hasByteOrderMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
