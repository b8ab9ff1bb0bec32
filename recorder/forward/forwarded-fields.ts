/**
 * The fields that an intermediary passes on: all but those about one connection (RFC 9110, section 7.6.1), order and
 * repeats kept. Not the list that comparing and replaying use: a transparent hop leaves proxy credentials alone.
 *
 * `te: trailers` stays, for trailers are passed on; a transfer coding other than `chunked` stays, for the body is passed
 * on in it.
 *
 * @param keepsTrailers whether the message goes on with trailers possible; without them `trailer` must go, too
 */
export function forwardedFields(fields: readonly string[], keepsTrailers: boolean): string[] {
  const named = namedByConnection(fields);
  const forwarded: string[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at]!;
    const value = fields[at + 1]!;
    if (!staysHere(name, value, keepsTrailers) && !(named?.has(name.toLowerCase()) && !isTeTrailers(name, value))) {
      forwarded.push(name, value);
    }
  }
  return forwarded;
}

/** By the length of the name first: most fields cost one comparison of numbers. */
function staysHere(name: string, value: string, keepsTrailers: boolean): boolean {
  switch (name.length) {
    case 2:
      return is(name, "te") && !isTeTrailers(name, value);
    case 7:
      return is(name, "upgrade") || (!keepsTrailers && is(name, "trailer"));
    case 10:
      return is(name, "connection") || is(name, "keep-alive");
    case 14:
      return is(name, "http2-settings");
    case 16:
      return is(name, "proxy-connection");
    case 17:
      return is(name, "transfer-encoding") && value.trim().toLowerCase() === "chunked";
    default:
      return false;
  }
}

/** What the Connection fields name besides keep-alive and close; undefined when nothing, which is nearly always. */
function namedByConnection(fields: readonly string[]): Set<string> | undefined {
  let named: Set<string> | undefined;
  for (let at = 0; at + 1 < fields.length; at += 2) {
    if (fields[at]!.length !== 10 || !is(fields[at]!, "connection")) continue;
    const value = fields[at + 1]!.toLowerCase();
    if (value === "keep-alive" || value === "close") continue;
    named ??= new Set();
    for (const option of value.split(",")) named.add(option.trim());
  }
  return named;
}

function isTeTrailers(name: string, value: string): boolean {
  return is(name, "te") && /(^|[\s,])trailers($|[\s,;])/i.test(value);
}

function is(name: string, lowerName: string): boolean {
  return name === lowerName || name.toLowerCase() === lowerName;
}

/** The value of the first field of this lower-case name. */
export function fieldValue(fields: readonly string[], lowerName: string): string | undefined {
  for (let at = 0; at < fields.length; at += 2) {
    if (fields[at]!.length === lowerName.length && is(fields[at]!, lowerName)) return fields[at + 1];
  }
  return undefined;
}
