import { z } from "zod";
import { checked } from "../checked.js";
import { parsePointer, spotsAt } from "../pointer.js";
import type { EditKind } from "./edit.js";

export const remove: EditKind = {
  name: "remove",
  explain: "[POINTER, …]: takes fields or elements away",
  compile(asked, where) {
    const pointers = checked(z.array(z.string()).min(1), asked, where).map((text) => parsePointer(text, where));
    return (body) => {
      for (const pointer of pointers) for (const spot of spotsAt(body, pointer)) spot.remove();
    };
  },
};
