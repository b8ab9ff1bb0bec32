import type { Destination } from "../../../mesh/index.js";

/** One line for each recorded authority and namespace: where its calls go. */
export function destinationsText(destinations: readonly Destination[]): string {
  const width = Math.max(0, ...destinations.map(({ authority }) => authority.length));
  return destinations
    .map(({ authority, namespace, service, port, byHand }) => {
      const to = `${namespace}/${service}:${port.number}`;
      return `${authority.padEnd(width)}  →  ${to}${byHand ? "  (--map)" : ""}\n`;
    })
    .join("");
}
