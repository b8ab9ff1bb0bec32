import { JsonNumber, JsonObject, type JsonTree, parseJson, parsePointer } from "../../message/index.js";

/** A value at a place of a JSON body, as conditions compare it. */
export interface JsonValue {
  /** A string itself, a number as it is written, `true`, `false`, `null`; `{…}` and `[…]` for what holds more. */
  text: string;
  /** Of a number. */
  number?: number;
}

/**
 * A JSON pointer (RFC 6901) in which `*` stands for every element of an array and every member of an object; undefined for
 * text that is none.
 */
export function parseJsonPath(pointer: string): readonly string[] | undefined {
  return parsePointer(pointer);
}

/** The values at a path, in the order of the text; none where the text is no JSON or has no such place. */
export function jsonValuesAt(text: string, path: readonly string[]): JsonValue[] {
  const tree = parseJson(text);
  if (tree === undefined) return [];
  let found: readonly JsonTree[] = [tree];
  for (const token of path) found = found.flatMap((one) => childrenOf(one, token));
  return found.map(scalarOf);
}

function childrenOf(tree: JsonTree, token: string): readonly JsonTree[] {
  if (tree instanceof JsonObject) {
    return token === "*" ? tree.values : tree.values.filter((_, at) => tree.keys[at] === token);
  }
  if (!Array.isArray(tree)) return [];
  const elements = tree as readonly JsonTree[];
  if (token === "*") return elements;
  const element = /^(?:0|[1-9]\d*)$/.test(token) ? elements[Number(token)] : undefined;
  return element === undefined ? [] : [element];
}

function scalarOf(tree: JsonTree): JsonValue {
  if (tree instanceof JsonNumber) return { text: tree.lexeme, number: Number(tree.lexeme) };
  if (tree instanceof JsonObject) return { text: "{…}" };
  if (Array.isArray(tree)) return { text: "[…]" };
  return { text: String(tree) };
}
