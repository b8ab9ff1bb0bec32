import { z } from "zod";
import { checked } from "../checked.js";
import { parsePointer, spotsAt } from "../pointer.js";
import type { EditKind } from "./edit.js";

export const rename: EditKind = {
  name: "rename",
  explain: "{POINTER: NAME}: the same value under another name, last in its object",
  compile(asked, where) {
    const fields = Object.entries(checked(z.record(z.string(), z.string()), asked, where)).map(
      ([text, name]) => [parsePointer(text, where), name] as const,
    );
    return (body) => {
      for (const [pointer, name] of fields) for (const spot of spotsAt(body, pointer)) renameAt(spot, name);
    };
  },
};

function renameAt(spot: ReturnType<typeof spotsAt>[number], name: string): void {
  if (spot.value === undefined || !spot.parent) return;
  spot.remove();
  spot.parent[name] = spot.value;
}
