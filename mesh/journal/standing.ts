import type { Change } from "./entry.js";
import { isList, isObject, isSame, type Json, type JsonObject } from "./json.js";
import { pairElements } from "./pair-elements.js";
import { takeOut, twinPrefix } from "./take-out.js";

/** How much of what a change put into an object is there: all of it as it was left, some of it, or nothing. */
export type Standing = "as-left" | "changed" | "gone";

/**
 * What is left of a change in an object as it is now; what others have changed beside it does not matter. Pure.
 *
 * @param now undefined where the object is not there
 */
export function standingOf(
  change: Pick<Change, "before" | "without" | "after">,
  now: JsonObject | undefined,
): Standing {
  if (now === undefined) return "gone";
  const before = (change.before?.content ?? change.without ?? {}) as JsonObject;
  const after = change.after as JsonObject;
  if (isIn(before, after, now)) return "as-left";
  return isSame(takeOut(before, after, now), now) ? "gone" : "changed";
}

/** Whether all that was changed from `before` to `after` is so now. Others' fields and elements may stand beside it. */
function isIn(before: Json | undefined, after: Json | undefined, now: Json | undefined): boolean {
  if (isSame(now, after) || isSame(before, after)) return true;
  if (isObject(after) && isObject(now)) {
    const was = isObject(before) ? before : {};
    return [...new Set([...Object.keys(after), ...Object.keys(was)])].every((key) =>
      isIn(was[key], after[key], now[key]),
    );
  }
  if (!isList(after) || !isList(now)) return false;
  const was = isList(before) ? before : [];
  const wasOf = pairElements(after, was);
  const nowOf = pairElements(after, now);
  return after.every((element, at) => {
    const own = wasOf[at] === undefined ? ownOf(element, after.slice(at + 1).find(isNoTwin)) : element;
    return isIn(elementAt(was, wasOf[at]), own, elementAt(now, nowOf[at]));
  });
}

function isNoTwin(element: Json): boolean {
  return !(isObject(element) && String(element.name).startsWith(twinPrefix));
}

/** What a twin does not have from the route behind it: what other changes of ours do to that one they do to both. */
function ownOf(element: Json, next: Json | undefined): Json {
  if (!isObject(element) || !isObject(next)) return element;
  return Object.fromEntries(Object.entries(element).filter(([key, value]) => !isSame(value, next[key])));
}

function elementAt(list: readonly Json[], at: number | undefined): Json | undefined {
  return at === undefined ? undefined : list[at];
}
