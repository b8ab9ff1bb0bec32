import type { Difference } from "../../tape/index.js";
import { excerpt } from "./excerpt.js";

interface Cookie {
  value: string;
  /** By lower-case name; `""` for those without a value. */
  attributes: Map<string, string>;
}

/**
 * Compares `Set-Cookie` fields (RFC 6265, section 5.2) by cookie name: the value at `header:set-cookie/sid`, each
 * attribute at `header:set-cookie/sid/max-age`, so that a session id that is new each time does not hide a `Secure` that
 * is gone. Several of one name are told apart by path and domain, as browsers do (section 5.3):
 * `header:set-cookie/sid;path=~1admin`. The order of cookies and of attributes says nothing; a cookie set twice counts as
 * it is set last.
 */
export function compareCookies(
  part: "header" | "trailer",
  expected: readonly string[],
  actual: readonly string[],
): Difference[] {
  const left = cookiesByName(expected);
  const right = cookiesByName(actual);
  const found: Difference[] = [];
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const place = `${part}:set-cookie/${name}`;
    const [before, after] = [left.get(name) ?? none, right.get(name) ?? none];
    if (before.size <= 1 && after.size <= 1) compareCookie(found, part, place, onlyOf(before), onlyOf(after));
    else {
      for (const scope of new Set([...before.keys(), ...after.keys()])) {
        compareCookie(found, part, place + scope, before.get(scope), after.get(scope));
      }
    }
  }
  return found;
}

/** The cookies of one name by what tells them apart: `;path=~1admin;domain=example.com`, without what is not given. */
type ByScope = Map<string, Cookie>;

const none: ByScope = new Map();

function onlyOf(cookies: ByScope): Cookie | undefined {
  return cookies.values().next().value;
}

function compareCookie(
  found: Difference[],
  part: "header" | "trailer",
  place: string,
  before: Cookie | undefined,
  after: Cookie | undefined,
): void {
  compareText(found, part, place, before?.value, after?.value);
  if (before !== undefined && after !== undefined) compareAttributes(found, part, place, before, after);
}

function compareAttributes(
  found: Difference[],
  part: "header" | "trailer",
  place: string,
  before: Cookie,
  after: Cookie,
): void {
  for (const name of new Set([...before.attributes.keys(), ...after.attributes.keys()])) {
    compareText(found, part, `${place}/${name}`, before.attributes.get(name), after.attributes.get(name));
  }
}

function compareText(
  found: Difference[],
  part: "header" | "trailer",
  place: string,
  before: string | undefined,
  after: string | undefined,
): void {
  if (before === after) return;
  if (after === undefined) found.push({ kind: `missing-${part}`, place, severity: "high", expected: excerpt(before!) });
  else if (before === undefined) found.push({ kind: `added-${part}`, place, severity: "low", actual: excerpt(after) });
  else {
    const sides = { expected: excerpt(before), actual: excerpt(after) };
    found.push({ kind: `changed-${part}`, place, severity: "medium", ...sides });
  }
}

function cookiesByName(fields: readonly string[]): Map<string, ByScope> {
  const cookies = new Map<string, ByScope>();
  for (const field of fields) {
    const [pair = "", ...texts] = field.split(";");
    const [name, value] = splitAtEquals(pair);
    const attributes = new Map(texts.map(attributeOf));
    const ofName = cookies.get(name) ?? new Map();
    cookies.set(name, ofName.set(scopeOf(attributes), { value, attributes }));
  }
  return cookies;
}

/** Slashes as in a JSON Pointer: in a place they are before an attribute. */
function scopeOf(attributes: Cookie["attributes"]): string {
  const path = attributes.get("path") ?? "";
  const domain = (attributes.get("domain") ?? "").replace(/^\./, "").toLowerCase();
  const ofPath = path.startsWith("/") ? `;path=${path.replaceAll("~", "~0").replaceAll("/", "~1")}` : "";
  return domain === "" ? ofPath : `${ofPath};domain=${domain}`;
}

function attributeOf(text: string): [name: string, value: string] {
  const [name, value] = splitAtEquals(text);
  return [name.toLowerCase(), value];
}

function splitAtEquals(text: string): [name: string, value: string] {
  const equals = text.indexOf("=");
  return equals === -1 ? [text.trim(), ""] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}
