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
}

export function sightingOf(head: ExchangeHead): Sighting {
  const requestId = head.trace.requestId ? comparableRequestId(head.trace.requestId) : undefined;
  const identifiers = [];
  if (requestId !== undefined) identifiers.push(`request ${requestId}`);
  if (head.trace.traceId) identifiers.push(`trace ${head.trace.traceId.toLowerCase()}`);
  return { head, calleeNames: calleeNamesOf(head), identifiers, requestId };
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

/**
 * Names a callee goes by: as recorded and as addressed, whole and without the domain of a cluster. An IP address says
 * nothing without its port, for many services may share it.
 */
function calleeNamesOf(head: ExchangeHead): string[] {
  const names = [head.callee, head.request.authority].flatMap((name) => {
    const lower = name.toLowerCase();
    const host = lower.replace(/:\d+$/, "");
    if (isAddress(host)) return host === lower ? [] : [lower];
    return [host, host.split(".", 1)[0]!];
  });
  return names.length > 0 ? [...new Set(names)] : [head.callee];
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.startsWith("[");
}
