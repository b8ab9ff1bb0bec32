import type { Exchange, ExchangeHead, ProxyReport } from "../../exchange.js";
import type { Sighting } from "../../sighting/sighting.js";

/** What few Exchanges have, or what came to be known later than the format: kept as JSON in the record. */
export interface Beside {
  hop?: string;
  attempt?: number;
  grandparentSpanId?: string;
  proxy?: ProxyReport;
}

export function besideOf({ part, trace, hop, attempt }: Sighting): Beside | undefined {
  const proxy = part.beside?.proxy;
  const { grandparentSpanId } = trace;
  if (hop === undefined && attempt === undefined && grandparentSpanId === undefined && proxy === undefined) {
    return undefined;
  }
  const beside: Beside = {};
  if (hop !== undefined) beside.hop = hop;
  if (attempt !== undefined) beside.attempt = attempt;
  if (grandparentSpanId !== undefined) beside.grandparentSpanId = grandparentSpanId;
  if (proxy !== undefined) beside.proxy = proxy;
  return beside;
}

/** Puts it back where it belongs. */
export function addBeside(head: ExchangeHead | Exchange, { hop, attempt, grandparentSpanId, proxy }: Beside): void {
  if (hop !== undefined) head.hop = hop;
  if (attempt !== undefined) head.attempt = attempt;
  if (grandparentSpanId !== undefined) head.trace.grandparentSpanId = grandparentSpanId;
  if (proxy !== undefined) head.proxy = proxy;
}
