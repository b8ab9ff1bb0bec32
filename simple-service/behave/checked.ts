import { z } from "zod";
import { Refusal } from "../refusal.js";

/** The value as the schema reads it, or a Refusal of one line that begins with where it stands in the file. */
export function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  // A misspelt key is also a missing one: its own name says more.
  const issues = result.error.issues;
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]!;
  const place = placeIn(where, issue.path);
  if (issue.code === "unrecognized_keys") throw unknownKey(place, issue.keys[0]!, schema);
  throw new Refusal(`${place || "the file"}: ${issue.message}`);
}

/** `routes[0].path` from a place and the way on from there. */
export function placeIn(where: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((place, key) => {
    if (typeof key === "number") return `${place}[${key}]`;
    return place === "" ? String(key) : `${place}.${String(key)}`;
  }, where);
}

function unknownKey(place: string, key: string, schema: z.ZodType): Refusal {
  const known = schema instanceof z.ZodObject ? `; known: ${Object.keys(schema.shape).join(", ")}` : "";
  return new Refusal(`${placeIn(place, [key])} is not known${known}`);
}
