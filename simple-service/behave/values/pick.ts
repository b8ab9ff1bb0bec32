import { z } from "zod";
import { drawnFrom } from "../../chance.js";
import { checked } from "../checked.js";
import type { ValueKind } from "../value-kind.js";

export const pick: ValueKind = {
  name: "$pick",
  explain: "stable: one of these values",
  compile(argument, at, inner) {
    const written = checked(z.array(z.unknown()).min(1), argument, at.where);
    const choices = written.map((value, n) => inner(value, { ...at, where: `${at.where}[${n}]` }));
    return (scope) => choices[Math.floor(drawnFrom(scope.subject, at.place) * choices.length)]!(scope);
  },
};
