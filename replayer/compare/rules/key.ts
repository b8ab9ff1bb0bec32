import { z } from "zod";
import { OperatorError } from "../../../base/index.js";
import type { RuleKind } from "./rule.js";

const name = z.string().min(1);
const shape = { by: z.union([name.transform((one) => [one]), z.array(name).min(1)]) };

/** Pairs the elements of the array at an address by one or several of their members. */
export const key: RuleKind<typeof shape> = {
  name: "key",
  shape,
  make({ by }, { part, text }) {
    if (part !== "body") throw new OperatorError(`key ${text}: only arrays in bodies have elements`);
    return { text: `is paired by ${by.join(" and ")}`, array: { key: by } };
  },
};
