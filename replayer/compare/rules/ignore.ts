import type { RuleKind } from "./rule.js";

/** Hides whatever differs at an address and within it: values, types, presence. */
export const ignore: RuleKind = {
  name: "ignore",
  shape: {},
  make: () => ({ text: "is not compared", below: true, hides: () => true }),
};
