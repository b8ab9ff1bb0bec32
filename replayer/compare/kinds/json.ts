import { isJsonType } from "../../../message/index.js";
import { compareJson } from "../json/compare-json.js";
import { hasByteOrderMark } from "../json/json-index.js";
import type { BodyKind, BodySides } from "./body-kind.js";
import { addFormat } from "./format.js";

/** JSON by address; also where it is not declared as such and both sides begin like it. */
export const json: BodyKind = {
  name: "json",
  fits: ({ types, expected, actual }) =>
    types.some((type) => type !== undefined && isJsonType(type.essence)) ||
    (isJsonLike(expected) && isJsonLike(actual)),
  compare(sides) {
    const compared = compareJson(sides.expected, sides.actual, sides.encoding, sides.findings);
    if (compared.kind === "one-is-json") addFormat(sides, "JSON", compared.which);
    if (compared.kind === "compared") compareMarks(sides);
    return compared.kind === "compared" || compared.kind === "one-is-json";
  },
};

/** RFC 8259, section 8.1 forbids a byte order mark to senders and lets readers skip it: many refuse the text instead. */
function compareMarks(sides: BodySides): void {
  const [before, after] = [hasByteOrderMark(sides.expected), hasByteOrderMark(sides.actual)];
  if (before !== after) addFormat(sides, "JSON after a byte order mark", before ? "expected" : "actual");
}

/** The first byte that is no white space opens an object or an array. */
function isJsonLike(bytes: Buffer): boolean {
  const first = bytes.find((byte) => byte !== 0x20 && (byte < 0x09 || byte > 0x0d));
  return first === 0x7b || first === 0x5b;
}
