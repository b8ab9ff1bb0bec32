import { z } from "zod";
import { checked } from "../checked.js";
import type { ValueKind } from "../value-kind.js";
import { numberWithin, range } from "./range.js";

export const random: ValueKind = {
  name: "$random",
  explain: "fresh: as $number, another at each answer",
  compile(argument, at) {
    const bounds = range(checked(z.array(z.number()).min(2).max(3), argument, at.where), at.where);
    return () => numberWithin(bounds, Math.random());
  },
};
