import { z } from "zod";
import { checked } from "../checked.js";
import { parsePointer, spotsAt } from "../pointer.js";
import type { EditKind } from "./edit.js";

export const reverse: EditKind = {
  name: "reverse",
  explain: "[POINTER, …]: turns the order of arrays round",
  compile(asked, where) {
    const pointers = checked(z.array(z.string()).min(1), asked, where).map((text) => parsePointer(text, where));
    return (body) => {
      for (const pointer of pointers)
        for (const { value } of spotsAt(body, pointer)) if (Array.isArray(value)) value.reverse();
    };
  },
};
