import type { CallHead } from "../listen/call-head.js";

/** The head of the call that a mirrored copy was made from, as far as it differs from the copy's. */
export interface OriginalHead {
  authority: string;
  headers: readonly string[];
}

/** Fields that Envoy's router sets on what it sends, whatever the caller had sent, and the label its mirror rule puts on copies. */
const setByEnvoy: ReadonlySet<string> = new Set([
  "x-envoy-internal",
  "x-envoy-expected-rq-timeout-ms",
  "x-tapeloop-hop",
]);

/**
 * Undoes what Envoy's router adds to a mirrored copy: `-shadow` before the port of the authority (absent with Istio
 * 1.31), its own address as the last element of x-forwarded-for, `x-envoy-internal` and the timeout it set. See
 * docs/findings, "Envoy as a source of captured traffic". Only copies carry `x-envoy-internal`; a request without it
 * came from a plain client, and nothing is undone.
 */
export function originalHead(head: CallHead): OriginalHead | undefined {
  if (!head.isEnvoyCopy) return undefined;
  const headers: string[] = [];
  const lastForwardedFor = lastIndexOfName(head.headers, "x-forwarded-for");
  for (let at = 0; at + 1 < head.headers.length; at += 2) {
    const name = head.headers[at]!;
    const value = head.headers[at + 1]!;
    const lowerName = name.toLowerCase();
    if (setByEnvoy.has(lowerName)) continue;
    if (lowerName === "host") headers.push(name, withoutShadow(value));
    else if (at !== lastForwardedFor) headers.push(name, value);
    else if (value.includes(",")) headers.push(name, value.slice(0, value.lastIndexOf(",")).trimEnd());
  }
  return { authority: withoutShadow(head.authority), headers };
}

/** Envoy puts the suffix between host and port: `shop.example-shadow:8080`. */
function withoutShadow(authority: string): string {
  return authority.replace(/-shadow(?=:\d+$|$)/, "");
}

function lastIndexOfName(headers: readonly string[], lowerName: string): number {
  for (let at = headers.length - 2; at >= 0; at -= 2) if (headers[at]!.toLowerCase() === lowerName) return at;
  return -1;
}
