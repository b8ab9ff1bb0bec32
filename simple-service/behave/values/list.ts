import { z } from "zod";
import { drawnFrom } from "../../chance.js";
import { checked } from "../checked.js";
import type { ValueKind } from "../value-kind.js";
import { numberWithin, range } from "./range.js";

const schema = z.strictObject({
  count: z.union([z.int().min(0), z.tuple([z.int().min(0), z.int().min(0)])]),
  of: z.unknown(),
});

export const list: ValueKind = {
  name: "$list",
  explain: "stable: {count: 3 or [1, 5], of: TEMPLATE}; {n} is the element's number from 1",
  compile(argument, at, inner) {
    const { count, of } = checked(schema, argument, at.where);
    const bounds = range(typeof count === "number" ? [count, count] : count, at.where);
    const element = inner(of, { where: `${at.where}.of`, place: `${at.place}/*` });
    return (scope) => {
      const length = numberWithin(bounds, drawnFrom(scope.subject, at.place));
      return Array.from({ length }, (_, index) => {
        const n = String(index + 1);
        return element({ ...scope, params: { ...scope.params, n }, subject: `${scope.subject}#${n}` });
      });
    };
  },
};
