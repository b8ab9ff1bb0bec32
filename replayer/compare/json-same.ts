import { JsonNumber, JsonObject, type JsonTree } from "../../message/index.js";

/** Whether two values are the same but for the order of members: numbers as they are written. Iterative. */
export function isSame(one: JsonTree, other: JsonTree): boolean {
  const ahead: [JsonTree, JsonTree][] = [[one, other]];
  for (let pair = ahead.pop(); pair !== undefined; pair = ahead.pop()) {
    const [left, right] = pair;
    if (left instanceof JsonObject && right instanceof JsonObject) {
      if (!pairMembers(left, right, ahead)) return false;
    } else if (Array.isArray(left) && Array.isArray(right)) {
      if (left.length !== right.length) return false;
      for (const [index, element] of left.entries()) ahead.push([element, right[index]]);
    } else if (!isSameScalar(left, right)) {
      return false;
    }
  }
  return true;
}

export function isSameScalar(one: JsonTree, other: JsonTree): boolean {
  if (one instanceof JsonNumber && other instanceof JsonNumber) return one.lexeme === other.lexeme;
  return one === other;
}

export function hasSameKeys(one: JsonObject, other: JsonObject): boolean {
  return one.keys.length === other.keys.length && one.keys.every((key, at) => key === other.keys[at]);
}

/** By key, in order of their first appearance; the values of a repeated key in the order they came. */
export function membersByKey(object: JsonObject): Map<string, JsonTree[]> {
  const members = new Map<string, JsonTree[]>();
  for (const [at, key] of object.keys.entries()) {
    const values = members.get(key);
    if (values === undefined) members.set(key, [object.values[at]!]);
    else values.push(object.values[at]!);
  }
  return members;
}

/** Puts the values of equal keys on the stack; false when the keys are not the same. */
function pairMembers(one: JsonObject, other: JsonObject, ahead: [JsonTree, JsonTree][]): boolean {
  if (hasSameKeys(one, other)) {
    for (const [at, value] of one.values.entries()) ahead.push([value, other.values[at]!]);
    return true;
  }
  const [left, right] = [membersByKey(one), membersByKey(other)];
  if (left.size !== right.size) return false;
  for (const [key, values] of left) {
    const others = right.get(key);
    if (others?.length !== values.length) return false;
    for (const [at, value] of values.entries()) ahead.push([value, others[at]!]);
  }
  return true;
}
