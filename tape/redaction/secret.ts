import type { RedactionKey } from "./key.js";
import { pseudonymOf } from "./pseudonym.js";

/** Auth schemes that come before a token in values other than `authorization`, which may name any. */
const knownScheme = /^(?:apikey|basic|bearer|digest|dpop|jwt|negotiate|token) +(?=\S)/i;
/** RFC 9110, section 11.1: a token, then spaces, then what proves. */
const anyScheme = /^[\w!#$%&'*+.^`|~-]+ +(?=\S)/;

/**
 * Replaces the secret in a value: what follows `Bearer ` and its like, else all of it. The unit is the secret itself, so
 * a token has one pseudonym in a header, a cookie, a query and a body.
 */
export function replaceSecret(value: string, key: RedactionKey): string {
  return replaceAfter(knownScheme, value, key);
}

/** The same for `authorization` and `proxy-authorization`, where the first word is always a scheme. */
export function replaceCredentials(value: string, key: RedactionKey): string {
  return replaceAfter(anyScheme, value, key);
}

function replaceAfter(scheme: RegExp, value: string, key: RedactionKey): string {
  const secretAt = scheme.exec(value)?.[0].length ?? 0;
  return value.slice(0, secretAt) + pseudonymOf(value.slice(secretAt), key);
}
