import { z } from "zod";
import { parseDurationMs } from "../duration.js";
import { percent } from "../percent.js";
import type { FaultKind } from "./kind.js";

const schema = z.strictObject({
  fixedDelay: z
    .string()
    .refine((text) => (parseDurationMs(text) ?? 0) >= 1, "must be a duration of at least 1 ms, such as 100ms or 1.5s"),
  percentage: percent.optional(),
});

export const delay: FaultKind<z.infer<typeof schema>> = {
  name: "delay",
  schema,
  example: "2s",
  typed: (text) => schema.safeParse({ fixedDelay: text }).data,
  explain: (fault) => `delays a call by ${parseDurationMs(fault.fixedDelay)} ms`,
  effect: (fault) => ({ delayMs: parseDurationMs(fault.fixedDelay)! }),
};
