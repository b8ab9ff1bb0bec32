import { parseForm } from "../../message/index.js";
import type { RedactionKey } from "./key.js";
import type { PlaceList } from "./places.js";
import { replaceSecret } from "./secret.js";
import { isSecretName } from "./secret-names.js";

/**
 * Replaces the values of secret-named fields in urlencoded text. The unit is the decoded value. Places are `prefix` and
 * the field's name. The same string comes back when there is no secret in it.
 */
export function redactFormText(text: string, key: RedactionKey, places: PlaceList, prefix: string): string {
  let redacted = "";
  let copiedTo = 0;
  for (const field of parseForm(text)) {
    if (field.value === "" || !isSecretName(field.name)) continue;
    const raw = text.slice(field.valueStart, field.valueEnd);
    redacted += text.slice(copiedTo, field.valueStart) + encodeLike(raw, replaceSecret(field.value, key));
    copiedTo = field.valueEnd;
    places.add(prefix + field.name);
  }
  return copiedTo === 0 ? text : redacted + text.slice(copiedTo);
}

/**
 * The same for the query and the fragment of a request target or a URL in a header (`referer`, `location`); so
 * are path parameters (`;jsessionid=`) and the password before a host (`https://user:password@host/`).
 */
export function redactUrl(url: string, key: RedactionKey, places: PlaceList, prefix: string): string {
  const withoutUser = url.includes("@") ? redactUserInfo(url, key, places, prefix) : url;
  const fragmentAt = withoutUser.indexOf("#");
  const beforeFragment = fragmentAt === -1 ? withoutUser : withoutUser.slice(0, fragmentAt);
  const queryAt = beforeFragment.indexOf("?");
  const rawPath = queryAt === -1 ? beforeFragment : beforeFragment.slice(0, queryAt + 1);
  const path = rawPath.includes(";") ? redactPathParameters(rawPath, key, places, prefix) : rawPath;
  if (queryAt === -1 && fragmentAt === -1) return path;
  const query = queryAt === -1 ? "" : redactFormText(beforeFragment.slice(queryAt + 1), key, places, prefix);
  const fragment =
    fragmentAt === -1 ? "" : `#${redactFragment(withoutUser.slice(fragmentAt + 1), key, places, prefix)}`;
  return path + query + fragment;
}

/** `/cart;jsessionid=…`: RFC 3986, section 3.3. */
function redactPathParameters(path: string, key: RedactionKey, places: PlaceList, prefix: string): string {
  return path.replace(/;([^;/?=]+)=([^;/?]+)/g, (whole, name: string, value: string) => {
    if (!isSecretName(name)) return whole;
    places.add(prefix + name);
    return `;${name}=${encodeLike(value, replaceSecret(decodeOrKeep(value), key))}`;
  });
}

/** A fragment is a form too (OAuth's `#access_token=…`), or a path with a query of its own (`#/route?token=…`). */
function redactFragment(fragment: string, key: RedactionKey, places: PlaceList, prefix: string): string {
  const queryAt = fragment.indexOf("?");
  return fragment.slice(0, queryAt + 1) + redactFormText(fragment.slice(queryAt + 1), key, places, prefix);
}

function redactUserInfo(url: string, key: RedactionKey, places: PlaceList, prefix: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:)([^/?#@]+)(?=@)/i, (_, before: string, password: string) => {
    places.add(`${prefix}@`);
    return before + encodeLike(password, replaceSecret(decodeOrKeep(password), key));
  });
}

function decodeOrKeep(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}

/** Written as the original was: with `+` or `%20` for spaces, or with nothing encoded. */
function encodeLike(raw: string, value: string): string {
  if (!raw.includes("%") && !raw.includes("+") && isPlain(value)) return value;
  const encoded = encodeURIComponent(value);
  return raw.includes("+") ? encoded.replaceAll("%20", "+") : encoded;
}

/** Nothing in it that would end the value or be decoded. */
function isPlain(value: string): boolean {
  return !/[&#+%\s]|[^\0-\x7f]/.test(value);
}
