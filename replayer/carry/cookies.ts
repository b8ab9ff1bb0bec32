/** A cookie as an answer set it (RFC 6265, section 5.2). */
export interface SetCookie {
  name: string;
  /** As it stands on the wire, percent-encoding, quotes and all. */
  value: string;
  path?: string;
  domain?: string;
  /** Epoch milliseconds; absent for one of the session. A time that has passed deletes it. */
  expiresMs?: number;
}

/** Reads a `Set-Cookie` field; undefined when it names no cookie. `nowMs` is when it came. */
export function parseSetCookie(field: string, nowMs: number): SetCookie | undefined {
  const [pair = "", ...attributes] = field.split(";");
  const equals = pair.indexOf("=");
  if (equals <= 0) return undefined;
  const cookie: SetCookie = { name: pair.slice(0, equals).trim(), value: pair.slice(equals + 1).trim() };
  for (const attribute of attributes) setAttribute(cookie, attribute, nowMs);
  return cookie;
}

function setAttribute(cookie: SetCookie, attribute: string, nowMs: number): void {
  const equals = attribute.indexOf("=");
  const name = (equals === -1 ? attribute : attribute.slice(0, equals)).trim().toLowerCase();
  const value = equals === -1 ? "" : attribute.slice(equals + 1).trim();
  switch (name) {
    case "path":
      if (value.startsWith("/")) cookie.path = value;
      return;
    case "domain":
      if (value !== "") cookie.domain = value.replace(/^\./, "").toLowerCase();
      return;
    case "max-age":
      // It wins over Expires, wherever it stands (section 5.3).
      if (/^-?\d+$/.test(value)) cookie.expiresMs = Number(value) <= 0 ? 0 : nowMs + Number(value) * 1000;
      return;
    case "expires": {
      const at = Date.parse(value.replaceAll("-", " "));
      if (!Number.isNaN(at)) cookie.expiresMs ??= at;
    }
  }
}

/** Section 5.1.4: the path itself, or what lies below it. */
export function pathMatches(cookiePath: string, requestPath: string): boolean {
  const path = requestPath.replace(/[?#].*$/s, "");
  if (path === cookiePath) return true;
  return path.startsWith(cookiePath) && (cookiePath.endsWith("/") || path[cookiePath.length] === "/");
}

/** Section 5.1.4: where a cookie without a path belongs: the folder of the request that it answered. */
export function defaultPath(requestPath: string): string {
  const path = requestPath.replace(/[?#].*$/s, "");
  const end = path.lastIndexOf("/");
  return end <= 0 ? "/" : path.slice(0, end);
}

/** Section 5.1.3. Hosts without port, in lower case. */
export function domainMatches(domain: string, host: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && !/^[\d.]+$/.test(host));
}

/** The pairs of a `Cookie` field. */
export function cookiePairs(field: string): { name: string; value: string }[] {
  return field
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.includes("="))
    .map((pair) => ({
      name: pair.slice(0, pair.indexOf("=")).trim(),
      value: pair.slice(pair.indexOf("=") + 1).trim(),
    }));
}
