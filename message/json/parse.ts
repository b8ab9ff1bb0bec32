import { JsonScanner } from "./scanner.js";

/** A JSON value that keeps what `JSON.parse` loses: numbers as they are written, and keys that come twice. */
export type JsonTree = null | boolean | string | JsonNumber | readonly JsonTree[] | JsonObject;

/** A number by its lexeme: `1`, `1.0`, `1e0` and 2^53 + 1 stay what they are. */
export class JsonNumber {
  constructor(readonly lexeme: string) {}
}

/** Members in the order they came, repeats kept; `keys[i]` names `values[i]`. */
export class JsonObject {
  readonly keys: string[] = [];
  readonly values: JsonTree[] = [];
}

/** A key that comes twice in this object, the first such one; undefined when there is none. */
export function repeatedKey(object: JsonObject): string | undefined {
  const { keys } = object;
  if (keys.length > 8)
    return new Set(keys).size === keys.length ? undefined : keys.find((key, at) => keys.indexOf(key) < at);
  for (let at = 1; at < keys.length; at++) {
    for (let before = 0; before < at; before++) if (keys[before] === keys[at]) return keys[at];
  }
  return undefined;
}

/**
 * Parses JSON text, iteratively: depth costs memory, not stack. Undefined for text that is no JSON (what `JSON.parse`
 * refuses); never throws. A byte order mark at the beginning is skipped (RFC 8259, section 8.1).
 */
export function parseJson(text: string): JsonTree | undefined {
  const scanner = new JsonScanner(text, text.charCodeAt(0) === 0xfeff ? 1 : 0);
  const parents: (JsonTree[] | JsonObject)[] = [];
  let into: JsonTree[] | JsonObject = [];
  for (;;) {
    const token = scanner.next();
    let value: JsonTree;
    switch (token) {
      case "key":
        (into as JsonObject).keys.push(stringAt(text, scanner));
        continue;
      case "string":
        value = stringAt(text, scanner);
        break;
      case "number":
        value = new JsonNumber(text.slice(scanner.start, scanner.end));
        break;
      case "true":
        value = true;
        break;
      case "false":
        value = false;
        break;
      case "null":
        value = null;
        break;
      case "object-start":
        value = new JsonObject();
        break;
      case "array-start":
        value = [];
        break;
      case "object-end":
      case "array-end":
        into = parents.pop()!;
        continue;
      case "end":
        return (into as JsonTree[])[0];
      case "invalid":
        return undefined;
    }
    (into instanceof JsonObject ? into.values : into).push(value);
    if (token === "object-start" || token === "array-start") {
      parents.push(into);
      into = value as JsonTree[] | JsonObject;
    }
  }
}

/** The decoded string under the scanner. */
function stringAt(text: string, scanner: JsonScanner): string {
  return scanner.escaped
    ? (JSON.parse(text.slice(scanner.start, scanner.end)) as string)
    : text.slice(scanner.start + 1, scanner.end - 1);
}
