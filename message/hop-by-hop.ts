import { allValues, type HeaderList } from "./header-list.js";

/**
 * Fields that speak about one connection and are never forwarded, compared or replayed: RFC 9110, section 7.6.1, with
 * RFC 2616's own list (section 13.5.1; it wrote "Trailers" for `trailer`). Lower case.
 */
export const hopByHopFields: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** The list without hop-by-hop fields, those that its own `Connection` fields name included. */
export function withoutHopByHop(headers: HeaderList): HeaderList {
  const named = connectionOptions(headers);
  return headers.filter(([name]) => {
    const lower = name.toLowerCase();
    return !hopByHopFields.has(lower) && !named.has(lower);
  });
}

/** What the `Connection` fields name, in lower case: field names, and options such as `close`. */
export function connectionOptions(headers: HeaderList): ReadonlySet<string> {
  const options = allValues(headers, "connection").flatMap((value) => value.split(","));
  return new Set(options.map((option) => option.trim().toLowerCase()).filter((option) => option !== ""));
}
