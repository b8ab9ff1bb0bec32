import { isList, isObject, isSame, type Json, type JsonObject } from "./json.js";
import { pairElements } from "./pair-elements.js";

/**
 * Takes out of what is there now what was changed from `before` to `after`, and keeps what others changed since: a merge of
 * three sides. Pure. Undefined stands for what is absent, on any side.
 *
 * A twin that a later change of ours made of an element of a list (its name ends in that one's) goes with an element that goes,
 * and loses what that one loses.
 *
 * Where others have changed the very value that we had changed, theirs stays. A list element that we had added goes, even
 * if others have changed it since: what is ours is taken out; one that we had taken away comes back.
 */
export function takeOut(before: Json | undefined, after: Json | undefined, now: Json | undefined): Json | undefined {
  if (isSame(now, after)) return before;
  if (isSame(before, after) || isSame(now, before)) return now;
  if (isObject(after) && isObject(now) && (before === undefined || isObject(before))) {
    return takeOutOfObject(before ?? {}, after, now);
  }
  if (isList(after) && isList(now) && (before === undefined || isList(before))) {
    return takeOutOfList(before ?? [], after, now);
  }
  return now;
}

function takeOutOfObject(before: JsonObject, after: JsonObject, now: JsonObject): JsonObject {
  const result: Record<string, Json> = {};
  for (const key of new Set([...Object.keys(now), ...Object.keys(before)])) {
    const value = takeOut(before[key], after[key], now[key]);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

function takeOutOfList(before: readonly Json[], after: readonly Json[], now: readonly Json[]): Json[] {
  const afterOf = pairElements(now, after);
  const beforeOf = pairElements(after, before);
  const added = after.filter((_, at) => beforeOf[at] === undefined);
  const changed = after.flatMap((is, at) => (beforeOf[at] === undefined ? [] : [{ was: before[beforeOf[at]]!, is }]));
  const result: { value: Json; before?: number }[] = [];
  for (const [at, element] of now.entries()) {
    const ours = afterOf[at];
    if (ours === undefined) {
      if (!added.some((one) => isTwinOf(element, one))) result.push({ value: likewise(element, changed) });
    } else if (beforeOf[ours] !== undefined) {
      const was = beforeOf[ours];
      result.push({ value: takeOut(before[was]!, after[ours]!, element)!, before: was });
    }
  }
  for (const [was, element] of before.entries()) {
    if (!beforeOf.includes(was)) result.splice(placeFor(was, result), 0, { value: element, before: was });
  }
  return result.map(({ value }) => value);
}

/** What the names of our twins begin with. */
export const twinPrefix = "tapeloop-";

function isTwinOf(element: Json, one: Json): boolean {
  if (!isObject(element) || !isObject(one) || typeof one.name !== "string") return false;
  return (
    typeof element.name === "string" && element.name.startsWith(twinPrefix) && element.name.endsWith(`-${one.name}`)
  );
}

/** A twin that was made of an element after we had changed that has the changed fields as we had written them. */
function likewise(element: Json, changed: readonly { was: Json; is: Json }[]): Json {
  if (!isObject(element) || !String(element.name).startsWith(twinPrefix)) return element;
  const back: Record<string, Json | undefined> = {};
  for (const { was, is } of changed) {
    if (!isObject(was) || !isObject(is)) continue;
    const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((key) => !isSame(was[key], is[key]));
    if (keys.every((key) => isSame(element[key], is[key]))) for (const key of keys) back[key] = was[key];
  }
  return Object.fromEntries(
    Object.entries({ ...element, ...back }).filter(([, value]) => value !== undefined),
  ) as JsonObject;
}

/** Behind the nearest element that stood before it. */
function placeFor(was: number, result: readonly { before?: number }[]): number {
  return result.findLastIndex((element) => element.before !== undefined && element.before < was) + 1;
}
