import type { HeaderField, HeaderList } from "../../message/index.js";
import type { CookieJar } from "./cookie-jar.js";
import { cookiePairs } from "./cookies.js";

/** What a session's cookies are carried by. */
export interface CookieCarrying {
  jar: CookieJar;
  request: { path: string; authority: string };
  /** Cookies of the recorded request that a recorded answer had set, with the Step that did. */
  setBy: ReadonlyMap<string, number>;
  /** Names that recorded answers set at some time. */
  recordedNames: ReadonlySet<string>;
  nowMs: number;
}

/**
 * The fields with the cookies that the live session has: what live answers set replaces what was recorded, what they deleted
 * or moved to another path is left out, and what they set that no recorded answer ever did goes along. Cookies that are
 * the client's own stay. Gives the Step that should have set a cookie, and did not, where there is one.
 */
export function carryCookies(
  headers: HeaderList,
  carrying: CookieCarrying,
): { headers: HeaderList } | { unset: number } {
  const { jar, request, setBy, recordedNames, nowMs } = carrying;
  const live = jar.for(request, nowMs);
  const liveValue = (name: string) => live.find((cookie) => cookie.name === name)?.value;
  const pairs = headers.filter(isCookie).flatMap(([, value]) => cookiePairs(value));
  const sent: string[] = [];
  for (const { name, value } of pairs) {
    if (!jar.knows(name)) {
      const setter = setBy.get(name);
      if (setter !== undefined) return { unset: setter };
      sent.push(`${name}=${value}`);
      continue;
    }
    const now = liveValue(name);
    if (now !== undefined) sent.push(`${name}=${now}`);
  }
  for (const { name, value } of live) {
    if (!recordedNames.has(name) && !pairs.some((pair) => pair.name === name)) sent.push(`${name}=${value}`);
  }
  return { headers: withCookies(headers, sent.join("; ")) };
}

/** In place of the first field; the very same list when nothing changes. */
function withCookies(headers: HeaderList, cookies: string): HeaderList {
  const at = headers.findIndex(isCookie);
  if (at === -1) return cookies === "" ? headers : [...headers, ["cookie", cookies]];
  if (headers[at]![1] === cookies && !headers.some((field, other) => other > at && isCookie(field))) return headers;
  const others = headers.filter((field) => !isCookie(field));
  const field: HeaderField[] = cookies === "" ? [] : [[headers[at]![0], cookies]];
  return [...others.slice(0, at), ...field, ...others.slice(at)];
}

function isCookie([name]: HeaderField): boolean {
  return name.length === 6 && name.toLowerCase() === "cookie";
}
