import { z } from "zod";

export const severities = ["high", "medium", "low"] as const;

const share = z.union([z.number().min(0).max(1), z.string()]).transform((text, context) => {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(String(text).trim());
  const value = match ? Number(match[1]) / (match[2] ? 100 : 1) : Number.NaN;
  if (value >= 0 && value <= 1) return value;
  context.addIssue({ code: "custom", message: "must be a share such as 5% or 0.05" });
  return z.NEVER;
});

const allowance = z
  .strictObject({
    severity: z.enum(severities).optional(),
    route: z.string().min(1).optional(),
    hop: z.string().min(1).optional(),
    /** In at most this share of a route's compared Steps, each divergence. */
    share: share.optional(),
    /** In at most so many Steps, all divergences that the allowance is for together. */
    count: z.number().int().nonnegative().optional(),
  })
  .refine(({ share, count }) => share !== undefined || count !== undefined, {
    message: "gives no budget: add share (5%) or count (3)",
  });

/** The part `thresholds` of a rules file. */
export const thresholdsSchema = z.strictObject({
  /** The least severity that fails a run: `low` unless said otherwise. */
  failOn: z.enum(severities).optional(),
  allow: z.array(allowance).prefault([]),
});

/** What a run may differ in and still pass. */
export type Thresholds = z.output<typeof thresholdsSchema>;
export type Allowance = Thresholds["allow"][number];

/** The thresholds of a rules file, with the severity that a flag gives in place of theirs. */
export function withFailOn(thresholds: Thresholds | undefined, failOn: Thresholds["failOn"]): Thresholds | undefined {
  return failOn === undefined ? thresholds : { allow: thresholds?.allow ?? [], failOn };
}
