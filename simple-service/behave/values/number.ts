import { z } from "zod";
import { drawnFrom } from "../../chance.js";
import { checked } from "../checked.js";
import type { ValueKind } from "../value-kind.js";
import { numberWithin, range } from "./range.js";

export const number: ValueKind = {
  name: "$number",
  explain: "stable: a number from the first to the second, with so many decimals: [1, 5] or [1, 99, 2]",
  compile(argument, at) {
    const bounds = range(checked(z.array(z.number()).min(2).max(3), argument, at.where), at.where);
    return (scope) => numberWithin(bounds, drawnFrom(scope.subject, at.place));
  },
};
