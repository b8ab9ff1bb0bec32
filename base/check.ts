import type { z } from "zod";
import { OperatorError } from "./errors.js";
import { didYouMean } from "./nearest.js";

/**
 * Checks a value that came from outside against its schema. What does not fit is refused with one line that names the
 * first wrong place, the value there, and what is allowed; unknown keys with the nearest known one.
 *
 * @param nameOf how a place is said to the user, such as `--max-body` for `["maxBody"]`
 */
export function check<S extends z.ZodType>(
  schema: S,
  value: unknown,
  where: string,
  nameOf: (path: readonly PropertyKey[]) => string = dotted,
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const place = nameOf([...issue.path, key]);
    throw new OperatorError(`${where}: unknown key "${place}"${didYouMean(key, knownKeys(schema, issue.path))}`);
  }
  const seen = valueAt(value, issue.path);
  const saw = seen === undefined || issue.path.some(isSecret) ? "" : ` (got ${JSON.stringify(seen)})`;
  throw new OperatorError(`${where}: ${nameOf(issue.path) || "value"}: ${issue.message}${saw}`);
}

/** A setting whose value is not repeated: `adminToken`, `redactionKey`. */
function isSecret(key: PropertyKey): boolean {
  return /(?:token|key|secret|password|credential|header)s?$/i.test(String(key));
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((key, at) => (typeof key === "number" ? `[${key}]` : at === 0 ? String(key) : `.${String(key)}`))
    .join("");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** The keys of the object schema at a path, seen through optional, default and array wrappers. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at = unwrapped(schema);
  for (const key of path) {
    if (isOf<z.ZodArray>(at, "array")) at = unwrapped(at.element as z.ZodType);
    else if (isOf<z.ZodObject>(at, "object")) at = unwrapped(at.shape[String(key)] as z.ZodType);
    else return [];
  }
  return isOf<z.ZodObject>(at, "object") ? Object.keys(at.shape) : [];
}

function unwrapped(schema: z.ZodType | undefined): z.ZodType | undefined {
  let at = schema;
  while (isOf<Wrapped>(at, "optional") || isOf<Wrapped>(at, "default") || isOf<Wrapped>(at, "prefault")) {
    at = at.unwrap() as z.ZodType;
  }
  return at;
}

type Wrapped = z.ZodOptional | z.ZodDefault | z.ZodPrefault;

/** By the schema's own word, not by its class: threads that check nothing load this room without loading zod. */
function isOf<S extends z.ZodType>(schema: z.ZodType | undefined, type: S["def"]["type"]): schema is S {
  return schema?.def.type === type;
}
