import { JsonScanner } from "../../../message/index.js";
import { everyPlace, type PlaceNode } from "./place-filter.js";
import type { Spot, Visit } from "./spot.js";

/** The text of a JSON number (RFC 8259, section 6). */
const numberForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Visits every string and number of a JSON document, below the base of a new Spot, or those of them that are looked for.
 * Gives the document with what was replaced, all other bytes as they came; undefined when nothing was, and for what is no
 * JSON. A number stays a number as long as what replaces it is one.
 */
export function walkJson(
  bytes: Buffer,
  spot: Spot,
  visit: Visit,
  lookedFor: PlaceNode = everyPlace,
): Buffer | undefined {
  const scanner = new JsonScanner(bytes, hasByteOrderMark(bytes) ? 3 : 0);
  const pieces: Buffer[] = [];
  let copiedTo = 0;
  /** Of the containers around, and of the value that comes next. */
  const around: PlaceNode[] = [];
  let node: PlaceNode | undefined = lookedFor;
  for (;;) {
    const token = scanner.next();
    switch (token) {
      case "end":
        return pieces.length === 0 ? undefined : Buffer.concat([...pieces, bytes.subarray(copiedTo)]);
      case "invalid":
        return undefined;
      case "key": {
        const name = stringAt(bytes, scanner);
        node = around.at(-1)!.member(name);
        if (node !== undefined) spot.goToMember(name);
        continue;
      }
      case "object-start":
      case "array-start":
        spot.advance();
        if (node === undefined) passContainer(scanner);
        else {
          const container = token === "array-start" ? "array" : "object";
          spot.enter(container);
          around.push(node);
          if (container === "array") node = node.element();
        }
        continue;
      case "object-end":
      case "array-end":
        spot.leave();
        around.pop();
        // Of an element the next one is looked for like it; of a member its name will tell.
        if (spot.isInArray) node = around.at(-1)!.element();
        continue;
      case "string":
      case "number": {
        spot.advance();
        if (node?.isWanted !== true) continue;
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
        spot.advance();
    }
  }
}

/** To the end of the container that has just begun, or to what is no JSON. */
function passContainer(scanner: JsonScanner): void {
  const within = scanner.depth;
  while (scanner.depth >= within) {
    const token = scanner.next();
    if (token === "invalid" || token === "end") return;
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
