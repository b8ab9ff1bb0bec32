import { Spot, type Visit } from "./spot.js";

/** Visits each cookie of a `Cookie` field (RFC 6265, section 4.2.1); places are `cookie:name`. */
export function walkCookies(field: string, visit: Visit): string | undefined {
  let changed = false;
  const pairs = field.split(";").map((pair) => {
    const replaced = walkPair(pair, "cookie:", visit);
    changed ||= replaced !== undefined;
    return replaced ?? pair;
  });
  return changed ? pairs.join(";") : undefined;
}

/** Visits the value of a `Set-Cookie` field, at `set-cookie:name`; its attributes stay. */
export function walkSetCookie(field: string, visit: Visit): string | undefined {
  const end = field.includes(";") ? field.indexOf(";") : field.length;
  const replaced = walkPair(field.slice(0, end), "set-cookie:", visit);
  return replaced === undefined ? undefined : replaced + field.slice(end);
}

/** RFC 6265, section 4.1.1: `cookie-octet`. */
const mayStand = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;

/**
 * The value is taken as it is on the wire: what percent-encoding means in a cookie is between the service and itself, and
 * a pseudonym of an encoded value does not decode.
 */
function walkPair(pair: string, prefix: string, visit: Visit): string | undefined {
  const equals = pair.indexOf("=");
  if (equals === -1) return undefined;
  const [, quote = "", raw = ""] = /^\s*("?)(.*?)\1\s*$/s.exec(pair.slice(equals + 1)) ?? [];
  if (raw === "") return undefined;
  const name = pair.slice(0, equals).trim();
  const spot = new Spot(prefix + name, name);
  spot.value = raw;
  const replaced = visit(spot);
  if (replaced === undefined) return undefined;
  return `${pair.slice(0, equals + 1)}${quote}${mayStand.test(replaced) ? replaced : encodeURIComponent(replaced)}${quote}`;
}
