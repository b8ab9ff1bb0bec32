import { z } from "zod";
import { checked } from "../checked.js";
import type { ValueKind } from "../value-kind.js";

export const shuffle: ValueKind = {
  name: "$shuffle",
  explain: "fresh: these values as an array, in another order at each answer, as a map without order would give them",
  compile(argument, at, inner) {
    const written = checked(z.array(z.unknown()), argument, at.where);
    const elements = written.map((value, n) => inner(value, { where: `${at.where}[${n}]`, place: `${at.place}/${n}` }));
    return (scope) => shuffled(elements.map((element) => element(scope)));
  },
};

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
