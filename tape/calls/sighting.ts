import type { ExchangeHead } from "../exchange.js";

/** One sighting of a call, with what joining compares worked out once. */
export interface Sighting {
  head: ExchangeHead;
  /** Names its callee may go by. */
  calleeNames: readonly string[];
  /** Of the user request it belongs to: request id first, then trace id. */
  identifiers: readonly string[];
  /** The request id as it is compared. */
  requestId: string | undefined;
  /** Trace and span that its request carries; absent at a mirror, for a copy carries a span of its own. */
  span: string | undefined;
}

export function sightingOf(head: ExchangeHead): Sighting {
  const { traceId, parentSpanId, requestId: asItCame } = head.trace;
  const requestId = asItCame ? comparableRequestId(asItCame) : undefined;
  const identifiers = [];
  if (requestId !== undefined) identifiers.push(`request ${requestId}`);
  if (traceId) identifiers.push(`trace ${traceId.toLowerCase()}`);
  const span = traceId && parentSpanId && head.vantage !== "mirror" ? `${traceId} ${parentSpanId}` : undefined;
  return { head, calleeNames: calleeNamesOf(head), identifiers, requestId, span };
}

/**
 * The request id as it is compared: the first of `id,id` (a proxy that adds to a repeated field), the 15th character
 * masked, for a tracing Envoy rewrites it.
 */
export function comparableRequestId(requestId: string): string {
  const first = requestId.split(",", 1)[0]!.trim().toLowerCase();
  return first.length > 14 ? `${first.slice(0, 14)}*${first.slice(15)}` : first;
}

/** Whether two sightings may be of one callee. */
export function mayBeSameCallee(a: Sighting, b: Sighting): boolean {
  return a.calleeNames.some((name) => b.calleeNames.includes(name));
}

/** Whether both are of one method and path at what may be one callee: another sighting, or another try. */
export function isSameRequest(a: Sighting, b: Sighting): boolean {
  const [one, other] = [a.head.request, b.head.request];
  return one.path === other.path && one.method === other.method && mayBeSameCallee(a, b);
}

/** Names a caller goes by, in lower case: as it came and without its namespace. */
export function callerNamesOf(caller: string): string[] {
  const lower = caller.toLowerCase();
  const first = lower.split(".", 1)[0]!;
  return isAddress(lower) || first === lower ? [lower] : [lower, first];
}

/** Of few services there are many sightings: their names are worked out once. */
const namesKnown = new Map<string, readonly string[]>();
const mostNamesKnown = 4096;

/**
 * Names a callee goes by: as recorded and as addressed, whole and without the domain of a cluster, and the service that
 * the proxy which told of it stands before. An IP address says nothing without its port, for many services may share it.
 */
function calleeNamesOf({ callee, vantage, hop, request: { authority } }: ExchangeHead): readonly string[] {
  const service = vantage === "ext-proc" ? hop : undefined;
  const key = `${callee}\n${authority}\n${service ?? ""}`;
  const known = namesKnown.get(key);
  if (known !== undefined) return known;
  const names = [callee, authority, service ?? []].flat().flatMap((name) => {
    const lower = name.toLowerCase();
    const host = lower.replace(/:\d+$/, "");
    if (isAddress(host)) return host === lower ? [] : [lower];
    return [host, host.split(".", 1)[0]!];
  });
  const all = names.length > 0 ? [...new Set(names)] : [callee];
  if (namesKnown.size >= mostNamesKnown) namesKnown.clear();
  namesKnown.set(key, all);
  return all;
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.startsWith("[");
}
