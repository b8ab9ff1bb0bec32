import { parseForm } from "../../../message/index.js";
import { compareJson } from "../json/compare-json.js";
import { type BodyKind, bothTypes } from "./body-kind.js";

/** `application/x-www-form-urlencoded` by field: `body:/name`; a field that comes again is compared in its order. */
export const form: BodyKind = {
  name: "form",
  fits: (sides) => bothTypes(sides, (essence) => essence === "application/x-www-form-urlencoded"),
  compare({ expected, actual, encoding, findings }) {
    const asObject = (bytes: Buffer) => {
      const fields = parseForm(bytes.toString(encoding).trim());
      return Buffer.from(`{${fields.map(({ name, value }) => `${quoted(name)}:${quoted(value)}`).join()}}`);
    };
    // A form of one order of fields is the same form written twice only when it is so field by field.
    return compareJson(asObject(expected), asObject(actual), "utf8", findings).kind === "compared";
  },
};

function quoted(text: string): string {
  return JSON.stringify(text);
}
