import type { ExchangeHead } from "../exchange.js";
import type { CallNode } from "./call-node.js";

/** Copies and access logs see a failed try end a little after the next one began. */
const lateNs = 10_000_000;

/**
 * Numbers the tries of a request: as the proxy that tries again counts them, else a call that repeats a failed one of the
 * same trace, after that ended, is the next try. Two like calls that both went well are two calls. Given in order of start.
 */
export function markAttempts(nodes: readonly CallNode[]): void {
  const lastFailed = new Map<string, CallNode>();
  for (const node of nodes) {
    const { call, sightings } = node;
    const counted = sightings.find(({ head }) => head.attempt !== undefined)?.head.attempt;
    if (counted !== undefined) call.attempt = counted;
    if (call.traceKey === undefined || (lastFailed.size === 0 && !hasFailed(call.best))) continue;
    const key = requestKeyOf(call.traceKey, node);
    const before = lastFailed.get(key);
    if (hasFailed(call.best)) lastFailed.set(key, node);
    else lastFailed.delete(key);
    if (counted !== undefined || before === undefined || !isTryAfter(before, node)) continue;
    before.call.attempt ??= 1;
    call.attempt = before.call.attempt + 1;
  }
}

function requestKeyOf(traceKey: string, { call: { best } }: CallNode): string {
  return `${traceKey} ${best.request.method} ${best.request.path} ${best.callee}`;
}

function isTryAfter(before: CallNode, node: CallNode): boolean {
  if (before.endNs === undefined) return false;
  const isOneCaller = before.callerNames.some((name) => node.callerNames.includes(name));
  return (
    (isOneCaller || before.caller === undefined || node.caller === undefined) && before.endNs <= node.startNs + lateNs
  );
}

function hasFailed({ answer }: ExchangeHead): boolean {
  if (answer.kind === "failure") return true;
  return (answer.kind === "response" || answer.kind === "status-only") && answer.status >= 500;
}
