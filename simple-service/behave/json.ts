/** A JSON value whose numbers may be lexemes that a JavaScript number cannot hold. */
export type Json = null | boolean | number | string | RawJson | Json[] | { [key: string]: Json };

/** JSON text that is written as it is: `9007199254740993`, `1.0`. */
export class RawJson {
  constructor(readonly text: string) {}
}

/** The JSON text of a value, without white space, members in their order. */
export function jsonText(value: Json): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member)}`)}}`;
}

/** JSON text as a value; as {@link RawJson} where reading it would change it (big integers, repeated members, white space). */
export function jsonValue(text: string): Json {
  const value = JSON.parse(text) as Json;
  return JSON.stringify(value) === text ? value : new RawJson(text);
}

export function isJsonObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof RawJson);
}

/** A rendered value as text, as headers and string templates need it. */
export function plainText(value: Json): string {
  return typeof value === "string" ? value : isJsonObject(value) || Array.isArray(value) ? "" : String(value);
}
