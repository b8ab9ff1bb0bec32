import type { RedactedPlace } from "../../exchange.js";

/** Tells the places that one of these patterns means. */
export type PlaceMatcher = (place: RedactedPlace) => boolean;

/**
 * `body:/items/*` is each item's scalar, `body:/items/**` whatever is below, `header:x-*` each header that begins so. A
 * place that ends in a container means all that is in it (`body:/items`), and `body` the whole body.
 */
export function placeMatcher(patterns: readonly string[]): PlaceMatcher | undefined {
  if (patterns.length === 0) return undefined;
  const whole = new RegExp(`^(?:${patterns.map(source).join("|")})(?:/.*)?$`, "s");
  return (place) => whole.test(place);
}

function source(pattern: string): string {
  if (pattern === "body") return "(?:body|form|part|frame)(?:[:/].*)?";
  return pattern
    .split(/(\/\*\*|\*)/)
    .map((piece) => (piece === "/**" ? "(?:/[^/]*)*" : piece === "*" ? "[^/]*" : escaped(piece)))
    .join("");
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
