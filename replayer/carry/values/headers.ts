import { type HeaderField, type HeaderList, hopByHopFields, volatileResponseFields } from "../../../message/index.js";
import { walkCookies, walkSetCookie } from "./cookies.js";
import { Spot, type Visit } from "./spot.js";

/**
 * Fields that speak about the message, the client or the way it came, and carry no state of a session. `host` and what
 * the replayer writes itself are among them.
 */
const stateless: ReadonlySet<string> = new Set([
  ...hopByHopFields,
  ...volatileResponseFields,
  ...`accept accept-charset accept-encoding accept-language accept-ranges access-control-allow-credentials
  access-control-allow-headers access-control-allow-methods access-control-allow-origin access-control-expose-headers
  access-control-max-age access-control-request-headers access-control-request-method allow cache-control
  content-disposition content-encoding content-language content-length content-range content-security-policy
  content-type cross-origin-embedder-policy cross-origin-opener-policy cross-origin-resource-policy date dnt expect
  expires host if-modified-since if-unmodified-since last-modified origin permissions-policy pragma range
  referrer-policy retry-after sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode
  sec-fetch-site sec-fetch-user strict-transport-security upgrade-insecure-requests user-agent vary
  x-content-type-options x-frame-options x-powered-by x-request-id x-xss-protection`.split(/\s+/),
]);

/** What stands before a credential in one of these fields: RFC 9110, section 11.4. */
const scheme = /^(?:apikey|basic|bearer|digest|dpop|jwt|negotiate|token) +(?=\S)/i;

/** Visits the fields that may carry state. The very same list comes back when nothing was replaced. */
export function walkHeaders(headers: HeaderList, visit: Visit): HeaderList {
  let changed: HeaderField[] | undefined;
  for (const [at, [name, value]] of headers.entries()) {
    const lowerName = value === "" ? "" : statefulName(name);
    if (lowerName === "") continue;
    const replaced = walkField(lowerName, value, visit);
    if (replaced === undefined) continue;
    changed ??= [...headers];
    changed[at] = [name, replaced];
  }
  return changed ?? headers;
}

const names = new Map<string, string>();

/** The name in lower case; empty for a field that carries no state. */
function statefulName(name: string): string {
  let known = names.get(name);
  if (known === undefined) {
    const lowerName = name.toLowerCase();
    const isStateless = stateless.has(lowerName) || /^(?:x-envoy-|x-tapeloop-|x-forwarded-|:)/.test(lowerName);
    known = isStateless ? "" : lowerName;
    // Names come from the traffic, so the memory of them is bounded.
    if (names.size >= 4096) names.clear();
    if (name.length <= 128) names.set(name, known);
  }
  return known;
}

/** The value is latin1, as it is on the wire; what is inside is told as it is meant. */
function walkField(lowerName: string, value: string, visit: Visit): string | undefined {
  if (lowerName === "cookie") return walkCookies(value, visit);
  if (lowerName === "set-cookie") return walkSetCookie(value, visit);
  const before = scheme.exec(value)?.[0] ?? "";
  const spot = new Spot(`header:${lowerName}`, lowerName);
  spot.value = value.slice(before.length);
  const replaced = visit(spot);
  if (replaced === undefined) return undefined;
  // A credential that is given whole brings its scheme.
  return scheme.test(replaced) ? replaced : before + replaced;
}
