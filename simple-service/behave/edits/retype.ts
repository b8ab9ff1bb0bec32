import { z } from "zod";
import { checked } from "../checked.js";
import type { Json } from "../json.js";
import { plainText } from "../json.js";
import { parsePointer, spotsAt } from "../pointer.js";
import type { EditKind } from "./edit.js";

const conversions: Record<"string" | "number" | "boolean" | "null" | "array", (value: Json) => Json> = {
  string: (value) => plainText(value),
  number: (value) => Number(plainText(value)) || 0,
  boolean: (value) => Boolean(value),
  null: () => null,
  array: (value) => [value],
};

export const retype: EditKind = {
  name: "retype",
  explain: "{POINTER: string | number | boolean | null | array}: the value as another type",
  compile(asked, where) {
    const types = z.record(z.string(), z.enum(["string", "number", "boolean", "null", "array"]));
    const fields = Object.entries(checked(types, asked, where)).map(
      ([text, type]) => [parsePointer(text, where), conversions[type]] as const,
    );
    return (body) => {
      for (const [pointer, convert] of fields)
        for (const spot of spotsAt(body, pointer)) if (spot.value !== undefined) spot.put(convert(spot.value));
    };
  },
};
