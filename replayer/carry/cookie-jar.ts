import { defaultPath, domainMatches, parseSetCookie, pathMatches, type SetCookie } from "./cookies.js";

/** A cookie as it stands in a jar. */
export interface KeptCookie extends SetCookie {
  path: string;
  host: string;
}

/**
 * The cookies of one session in one lane, as a browser keeps them: by name, path and host. Hosts are those of the recording:
 * the target stands in for all of them. `Secure` asks for nothing here, as a test target rarely has a certificate.
 */
export class CookieJar {
  readonly #cookies = new Map<string, KeptCookie>();
  /** Names that were set at some time, with those that were deleted since. */
  readonly #met = new Set<string>();

  /** Takes in the `Set-Cookie` fields of a live answer. */
  take(fields: readonly string[], request: { path: string; authority: string }, nowMs: number): void {
    for (const field of fields) {
      const cookie = parseSetCookie(field, nowMs);
      if (cookie === undefined) continue;
      const kept = keptCookie(cookie, request);
      const key = `${kept.name};${kept.host};${kept.path}`;
      this.#met.add(kept.name);
      if (kept.expiresMs !== undefined && kept.expiresMs <= nowMs) this.#cookies.delete(key);
      else this.#cookies.set(key, kept);
    }
  }

  /** Whether a live answer of the session ever set (or deleted) a cookie of this name. */
  knows(name: string): boolean {
    return this.#met.has(name);
  }

  /** What goes out with a request, longer paths first (section 5.4). */
  for(request: { path: string; authority: string }, nowMs: number): KeptCookie[] {
    const host = hostOf(request.authority);
    return [...this.#cookies.values()]
      .filter((cookie) => cookie.expiresMs === undefined || cookie.expiresMs > nowMs)
      .filter((cookie) => pathMatches(cookie.path, request.path) && domainMatches(cookie.host, host))
      .sort((a, b) => b.path.length - a.path.length);
  }
}

function keptCookie(cookie: SetCookie, { path, authority }: { path: string; authority: string }): KeptCookie {
  const host = hostOf(authority);
  // A gateway may have changed the host on the way to the recorder: a domain that cannot be is not held against the cookie.
  const domain = cookie.domain !== undefined && domainMatches(cookie.domain, host) ? cookie.domain : host;
  return { ...cookie, path: cookie.path ?? defaultPath(path), host: domain };
}

function hostOf(authority: string): string {
  return authority.replace(/:\d+$/, "").toLowerCase();
}
