import { Refusal } from "../refusal.js";
import { isJsonObject, type Json } from "./json.js";

/** A JSON Pointer (RFC 6901) as its tokens; the token `*` stands for every element of an array. */
export type Pointer = readonly string[];

export function parsePointer(text: string, where: string): Pointer {
  if (!text.startsWith("/"))
    throw new Refusal(`${where}: "${text}" must be a JSON Pointer, such as /stars or /items/*/price`);
  const tokens = text.slice(1).split("/");
  return tokens.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A member or element that a pointer leads to: where it hangs, and what to do to it there. */
export interface Spot {
  /** The value there; undefined when there is none. */
  value: Json | undefined;
  /** Its last token: a member's name or an element's index. */
  key: string;
  put(value: Json): void;
  remove(): void;
  /** The object it is a member of; undefined when it is an element. */
  parent: { [key: string]: Json } | undefined;
}

/** Every spot a pointer leads to. A path that ends before its last token leads nowhere. */
export function spotsAt(root: Json, pointer: Pointer): Spot[] {
  const [token, ...rest] = pointer;
  if (token === undefined) return [];
  const here = spotsOf(root, token);
  if (rest.length === 0) return here;
  return here.flatMap((spot) => (spot.value === undefined ? [] : spotsAt(spot.value, rest)));
}

function spotsOf(holder: Json, token: string): Spot[] {
  if (Array.isArray(holder)) {
    const keys = token === "*" ? holder.map((_, at) => String(at)) : [token];
    // From the last to the first, so that removing one does not move the next.
    return keys
      .filter((key) => /^\d+$/.test(key) && Number(key) <= holder.length)
      .toReversed()
      .map((key) => element(holder, key));
  }
  return isJsonObject(holder) ? [member(holder, token)] : [];
}

function element(holder: Json[], key: string): Spot {
  const at = Number(key);
  return {
    value: holder[at],
    key,
    parent: undefined,
    put: (value) => void holder.splice(at, 1, value),
    remove: () => void holder.splice(at, 1),
  };
}

function member(holder: { [key: string]: Json }, key: string): Spot {
  return {
    value: Object.hasOwn(holder, key) ? holder[key] : undefined,
    key,
    parent: holder,
    put: (value) => Object.assign(holder, { [key]: value }),
    remove: () => void delete holder[key],
  };
}
