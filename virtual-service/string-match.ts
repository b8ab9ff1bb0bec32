import { z } from "zod";

/**
 * Istio's `StringMatch`. A regular expression must match the whole value; RE2's syntax is read as JavaScript's, with a
 * leading `(?i)` understood.
 */
export const stringMatch = z
  .strictObject({
    exact: z.string().optional(),
    prefix: z.string().optional(),
    regex: z
      .string()
      .refine((text) => compiled(text) !== undefined, "is no regular expression that is understood here")
      .optional(),
  })
  .refine((match) => Object.values(match).filter((value) => value !== undefined).length === 1, {
    message: "must have one of exact, prefix, regex",
  });
export type StringMatch = z.infer<typeof stringMatch>;

export function matchesString(match: StringMatch, value: string): boolean {
  if (match.exact !== undefined) return value === match.exact;
  if (match.prefix !== undefined) return value.startsWith(match.prefix);
  return compiled(match.regex ?? "")?.test(value) ?? false;
}

const cache = new Map<string, RegExp | undefined>();

function compiled(text: string): RegExp | undefined {
  if (!cache.has(text)) cache.set(text, compile(text));
  return cache.get(text);
}

function compile(text: string): RegExp | undefined {
  const ignoresCase = text.startsWith("(?i)");
  try {
    return new RegExp(`^(?:${ignoresCase ? text.slice(4) : text})$`, ignoresCase ? "is" : "s");
  } catch {
    return undefined;
  }
}
