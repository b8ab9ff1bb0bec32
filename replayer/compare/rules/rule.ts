import type { z } from "zod";
import type { Difference } from "../../../tape/index.js";
import type { BodyDifference, WholeSides } from "../json/findings.js";
import type { Address } from "./address.js";
import type { Scope } from "./scope.js";

export type AnyDifference = Difference | BodyDifference;

/** What one kind of rule makes of its entry in the file. */
export interface RuleEffect {
  /** In words, after the address: `may differ by up to 0.01`. */
  text: string;
  /** Whether it also looks at what lies within its address. */
  below?: true;
  /** Whether it hides a Difference at its address; `whole` are both sides uncut, where the kind has such. */
  hides?(difference: AnyDifference, whole: WholeSides | undefined): boolean;
  /** How the elements of the array at its address are paired. */
  array?: { unordered: true } | { key: readonly string[] };
}

/** A kind of rule: one file each. */
export interface RuleKind<S extends z.ZodRawShape = z.ZodRawShape> {
  name: string;
  /** Its settings beside the address and the scope. */
  shape: S;
  /** Throws an OperatorError when the settings contradict each other, or do not fit the address. */
  make(settings: z.output<z.ZodObject<S>>, address: Address): RuleEffect;
}

/** A rule of the file, ready for use. */
export interface Rule {
  kind: string;
  address: Address;
  scope: Scope;
  effect: RuleEffect;
  /** One sentence. */
  text: string;
}

/** The two values of a changed one; undefined for other kinds of Difference. */
export function changedSides(difference: AnyDifference, whole: WholeSides | undefined): WholeSides | undefined {
  switch (difference.kind) {
    case "changed-value":
    case "changed-header":
    case "changed-trailer":
    case "changed-text":
      return whole ?? [difference.expected, difference.actual];
    default:
      return undefined;
  }
}

/** Without the quotes of a JSON string. */
export function plainValue(value: string): string {
  if (!value.startsWith('"') || !value.endsWith('"') || value.length < 2) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}
