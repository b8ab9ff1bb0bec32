import { compareJson } from "../json/compare-json.js";
import { type BodyKind, bothTypes } from "./body-kind.js";

const types: ReadonlySet<string> = new Set([
  "application/x-ndjson",
  "application/ndjson",
  "application/jsonl",
  "application/x-jsonlines",
  "application/json-seq",
]);

/** Begins each record of RFC 7464. */
const recordSeparator = String.fromCharCode(0x1e);

/** A line, or a record of RFC 7464, is an element of an array: `body:/3/name`. */
export const jsonLines: BodyKind = {
  name: "json-lines",
  fits: (sides) => bothTypes(sides, (essence) => types.has(essence)),
  compare({ expected, actual, encoding, findings }) {
    const asArray = (bytes: Buffer) => {
      const lines = bytes
        .toString("latin1")
        .replaceAll(recordSeparator, "\n")
        .split(/[\n\r]+/);
      return Buffer.from(`[${lines.filter((line) => line.trim() !== "").join()}]`, "latin1");
    };
    return compareJson(asArray(expected), asArray(actual), encoding, findings).kind === "compared";
  },
};
