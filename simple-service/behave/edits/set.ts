import { z } from "zod";
import { checked } from "../checked.js";
import { parsePointer, spotsAt } from "../pointer.js";
import { compileTemplate } from "../template.js";
import type { EditKind } from "./edit.js";

export const set: EditKind = {
  name: "set",
  explain: "{POINTER: TEMPLATE}: adds or replaces fields; a fresh value makes a noise field",
  compile(asked, where) {
    const fields = Object.entries(checked(z.record(z.string(), z.unknown()), asked, where)).map(([text, written]) => ({
      pointer: parsePointer(text, where),
      template: compileTemplate(written, { where: `${where}["${text}"]`, place: text }),
    }));
    return (body, scope) => {
      for (const { pointer, template } of fields) for (const spot of spotsAt(body, pointer)) spot.put(template(scope));
    };
  },
};
