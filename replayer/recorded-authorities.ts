import type { TapeReader } from "../tape/index.js";
import type { PlanChoice } from "./plan.js";
import { readPlan } from "./read-plan.js";

/** The authorities that the calls a replay would send were made to, as they are on the tape, in order. */
export async function recordedAuthorities(tape: TapeReader, options: PlanChoice): Promise<string[]> {
  const { called } = await readPlan(tape, options);
  return [...called].sort();
}
