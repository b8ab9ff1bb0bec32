/**
 * Header fields in the order they came, repeats kept. Names and values are "latin1" strings, as Node gives them: one
 * character is one byte on the wire.
 */
export type HeaderList = readonly HeaderField[];
export type HeaderField = readonly [name: string, value: string];

/** From Node's `rawHeaders`: name, value, name, value … */
export function headerListFromRaw(raw: readonly string[]): HeaderList {
  const fields: HeaderField[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) fields.push([raw[at]!, raw[at + 1]!]);
  return fields;
}

/** To Node's flat form: name, value, name, value … */
export function rawFromHeaderList(headers: HeaderList): string[] {
  const raw: string[] = [];
  for (const [name, value] of headers) raw.push(name, value);
  return raw;
}

/** The first value of a field; the name in lower case. */
export function firstValue(headers: HeaderList, lowerName: string): string | undefined {
  for (const [name, value] of headers) if (isNamed(name, lowerName)) return value;
  return undefined;
}

/** All values of a field in order; the name in lower case. */
export function allValues(headers: HeaderList, lowerName: string): string[] {
  return headers.filter(([name]) => isNamed(name, lowerName)).map(([, value]) => value);
}

/** The list without the fields of these lower-case names. */
export function withoutFields(headers: HeaderList, lowerNames: ReadonlySet<string>): HeaderList {
  return headers.filter(([name]) => !lowerNames.has(name.toLowerCase()));
}

/** The first value of a field in Node's flat form; the name in lower case. */
export function firstRawValue(raw: readonly string[], lowerName: string): string | undefined {
  for (let at = 0; at + 1 < raw.length; at += 2) if (isNamed(raw[at]!, lowerName)) return raw[at + 1]!;
  return undefined;
}

/** Most names differ in length already. */
function isNamed(name: string, lowerName: string): boolean {
  return name.length === lowerName.length && name.toLowerCase() === lowerName;
}
