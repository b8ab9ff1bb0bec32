import { parseForm } from "../../message/index.js";
import { alone, Neighbours } from "./company.js";
import { redactEmbedded } from "./json.js";
import type { PlaceList } from "./places.js";
import { demandedBy, type Redaction } from "./rules/redaction.js";
import type { NameKind } from "./rules/spec.js";
import { looksRandom } from "./text/entropy.js";
import { replaceWhole } from "./text/text.js";

/**
 * Replaces the values of secret-named fields in urlencoded text, and secrets inside other values. The unit is the decoded
 * value. Places are `prefix` and the field's name. The same string comes back when there is no secret in it.
 */
export function redactFormText(
  text: string,
  redaction: Redaction,
  places: PlaceList,
  prefix: string,
  kind: NameKind = "query",
): string {
  let redacted = "";
  let copiedTo = 0;
  const fields = parseForm(text);
  const beside = new Neighbours(fields);
  for (const field of fields) {
    if (field.value === "") continue;
    const value = redactField(field.value, field.name, redaction, places, prefix + field.name, kind, beside);
    if (value === field.value) continue;
    const raw = text.slice(field.valueStart, field.valueEnd);
    redacted += text.slice(copiedTo, field.valueStart) + encodeLike(raw, value);
    copiedTo = field.valueEnd;
  }
  return copiedTo === 0 ? text : redacted + text.slice(copiedTo);
}

/** Replaces a named value whole where its name, those beside it or its place say so, else the secrets in it. */
export function redactField(
  value: string,
  name: string,
  redaction: Redaction,
  places: PlaceList,
  place: string,
  kind: NameKind,
  beside: Neighbours = alone,
): string {
  const { rules } = redaction;
  const rule =
    rules.namedBy(name, kind, value) ?? rules.namedBeside(name, value, beside) ?? demandedBy(redaction, place);
  if (rule !== undefined) return replaceWhole(value, rule, redaction, places, place);
  return redactEmbedded(value, redaction, places, place);
}

/**
 * The same for the query and the fragment of a request target or a URL in a header (`referer`, `location`); so
 * are path parameters (`;jsessionid=`), the password before a host (`https://user:password@host/`) and tokens in the path
 * itself, whose place is `path` in the request's own target.
 */
export function redactUrl(url: string, redaction: Redaction, places: PlaceList, prefix: string): string {
  const withoutUser = url.includes("@") ? redactUserInfo(url, redaction, places, prefix) : url;
  const fragmentAt = withoutUser.indexOf("#");
  const beforeFragment = fragmentAt === -1 ? withoutUser : withoutUser.slice(0, fragmentAt);
  const queryAt = beforeFragment.indexOf("?");
  const rawPath = queryAt === -1 ? beforeFragment : beforeFragment.slice(0, queryAt);
  const withoutParameters = rawPath.includes(";") ? redactPathParameters(rawPath, redaction, places, prefix) : rawPath;
  const path = redactPath(withoutParameters, redaction, places, prefix === "query:" ? "path" : prefix.slice(0, -1));
  if (queryAt === -1 && fragmentAt === -1) return path;
  const query =
    queryAt === -1 ? "" : `?${redactFormText(beforeFragment.slice(queryAt + 1), redaction, places, prefix)}`;
  const fragment =
    fragmentAt === -1 ? "" : `#${redactFragment(withoutUser.slice(fragmentAt + 1), redaction, places, prefix)}`;
  return path + query + fragment;
}

/** Segments that a machine made, of which a path with a secret has one. */
const longSegment = /\/[^/]{8,}/;

/** Secrets in the segments of a path, decoded one by one; and what looks random after a segment that names a secret. */
function redactPath(path: string, redaction: Redaction, places: PlaceList, place: string): string {
  // Most begin with a slash, and so with no origin.
  const origin = path.charCodeAt(0) === 47 ? "" : (/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(path)?.[0] ?? "");
  if (!longSegment.test(path.slice(origin.length))) return path;
  const segments = path.slice(origin.length).split("/");
  let before = "";
  for (const [at, segment] of segments.entries()) {
    // What follows a semicolon are parameters, which have been looked at by name.
    const nameEnd = segment.includes(";") ? segment.indexOf(";") : segment.length;
    const name = segment.slice(0, nameEnd);
    const value = decodeOrKeep(name);
    if (name.length >= 6) {
      const redacted = redactSegment(value, before, redaction, places, place);
      if (redacted !== value) segments[at] = encodeLike(name, redacted, "path") + segment.slice(nameEnd);
    }
    before = value;
  }
  return origin + segments.join("/");
}

function redactSegment(value: string, before: string, redaction: Redaction, places: PlaceList, place: string): string {
  const { rules } = redaction;
  if (rules.isOn("path") && tellsOfSecret(before, rules) && looksRandom(value)) {
    return replaceWhole(value, "path", redaction, places, place);
  }
  return redactEmbedded(value, redaction, places, place);
}

/** No name says of a secret where it does so of some values alone: what follows `/pass/` opens a gate or a flight. */
const nothing = "";

/** `/reset-password/…`, `/token/…`, `/verify/…`, `/invite/…`. */
function tellsOfSecret(segment: string, rules: Redaction["rules"]): boolean {
  return (
    segment !== "" &&
    (/^(?:verify|invite|magic|unsubscribe|activate|confirm)/i.test(segment) ||
      rules.namedBy(segment, undefined, nothing) !== undefined)
  );
}

/** `/cart;jsessionid=…`: RFC 3986, section 3.3. */
function redactPathParameters(path: string, redaction: Redaction, places: PlaceList, prefix: string): string {
  return path.replace(/;([^;/?=]+)=([^;/?]+)/g, (_, name: string, value: string) => {
    const plain = decodeOrKeep(value);
    const redacted = redactField(plain, name, redaction, places, prefix + name, "query");
    return `;${name}=${redacted === plain ? value : encodeLike(value, redacted)}`;
  });
}

/** A fragment is a form too (OAuth's `#access_token=…`), or a path with a query of its own (`#/route?token=…`). */
function redactFragment(fragment: string, redaction: Redaction, places: PlaceList, prefix: string): string {
  const queryAt = fragment.indexOf("?");
  const query = redactFormText(fragment.slice(queryAt + 1), redaction, places, prefix);
  return fragment.slice(0, queryAt + 1) + query;
}

/** The password before a host that stands alone: of a request's authority, of Host, of what CONNECT asks for. */
export function redactAuthority(authority: string, redaction: Redaction, places: PlaceList, place: string): string {
  if (!authority.includes("@")) return authority;
  return authority.replace(/^([^:@]*:)(.+)(?=@)/s, (_, before: string, password: string) => {
    const plain = decodeOrKeep(password);
    const redacted = replaceWhole(plain, "url-password", redaction, places, place);
    return before + (redacted === plain ? password : encodeLike(password, redacted));
  });
}

function redactUserInfo(url: string, redaction: Redaction, places: PlaceList, prefix: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:)([^/?#@]+)(?=@)/i, (_, before: string, password: string) => {
    const plain = decodeOrKeep(password);
    const redacted = replaceWhole(plain, "url-password", redaction, places, `${prefix}@`);
    return before + (redacted === plain ? password : encodeLike(password, redacted));
  });
}

function decodeOrKeep(raw: string): string {
  if (!raw.includes("%")) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}

/** Written as the original was: with `+` or `%20` for spaces, or with nothing encoded. */
function encodeLike(raw: string, value: string, within: "query" | "path" = "query"): string {
  if (!raw.includes("%") && (within === "path" || !raw.includes("+")) && isPlain(value, within)) return value;
  const encoded = encodeURIComponent(value.replace(loneSurrogate, "\ufffd"));
  return within === "query" && raw.includes("+") ? encoded.replaceAll("%20", "+") : encoded;
}

/** Nothing in it that would end the value or be decoded. */
function isPlain(value: string, within: "query" | "path"): boolean {
  return within === "path" ? !/[/?#%\s]|[^\0-\x7f]/.test(value) : !/[&#+%\s]|[^\0-\x7f]/.test(value);
}

const loneSurrogate = /\p{Surrogate}/gu;
