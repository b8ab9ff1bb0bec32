import { z } from "zod";

/** Istio's `Percent`. */
export const percent = z.strictObject({ value: z.number().min(0).max(100) });
