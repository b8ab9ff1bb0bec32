import type { OpenLane } from "./lanes.js";

/** What an operator should know of targets that TLS failed with: one sentence each. */
export function tlsWarnings(lanes: readonly Pick<OpenLane, "tlsTroubles">[]): string[] {
  const wordsOf = new Map(lanes.flatMap((lane) => lane.tlsTroubles()).map(({ url, words }) => [url, words]));
  return [...wordsOf].map(([url, words]) => `${url}: ${tlsTroubleInWords(words)}`);
}

/** Why it failed, and what may be done about it. */
export function tlsTroubleInWords(words: string): string {
  return `TLS failed: ${words}; ${tlsFlags}`;
}

/** What may be given for it. */
export const tlsFlags =
  "--target-ca names who may have signed the certificate, --target-cert and --target-key what to show";
