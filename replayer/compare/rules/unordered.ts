import { OperatorError } from "../../../base/index.js";
import type { RuleKind } from "./rule.js";

/** Takes the array at an address as a set: the order of its elements says nothing. */
export const unordered: RuleKind = {
  name: "unordered",
  shape: {},
  make(_, { part, text }) {
    if (part !== "body") throw new OperatorError(`unordered ${text}: only arrays in bodies have elements`);
    return { text: "is compared without regard to order", array: { unordered: true } };
  },
};
