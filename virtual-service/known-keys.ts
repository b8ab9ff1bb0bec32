import { z } from "zod";

/** The keys that a schema knows at a path into it; none where it is no object. */
export function knownKeysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const inner = unwrapped(schema);
  const [key, ...rest] = path;
  if (inner instanceof z.ZodObject) {
    if (key === undefined) return Object.keys(inner.shape);
    const member = inner.shape[String(key)];
    return member ? knownKeysAt(member, rest) : [];
  }
  if (key === undefined) return inner instanceof z.ZodUnion ? inner.options.flatMap((o) => knownKeysAt(o, [])) : [];
  if (inner instanceof z.ZodArray) return knownKeysAt(inner.element, rest);
  return inner instanceof z.ZodRecord ? knownKeysAt(inner.valueType, rest) : [];
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional ? unwrapped(schema.unwrap()) : schema;
}
