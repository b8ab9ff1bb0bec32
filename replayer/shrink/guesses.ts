import type { ExchangeHead } from "../../tape/index.js";

/**
 * Sets of calls to ask about before any search, each after the smaller one: the examples alone; with the calls of the
 * target's own connection, trace or resource before it; with all before it. `heads` are of the calls that were sent, in
 * tape order.
 */
export function guessesFor(heads: readonly ExchangeHead[], target: number): number[][] {
  const at = heads.findIndex((head) => head.id === target);
  const own = heads[at];
  if (own === undefined) return [];
  const before = heads.slice(0, at + 1);
  const related = before.filter((head) => isRelated(head, own));
  return [[target], related.map((head) => head.id), before.map((head) => head.id)];
}

function isRelated(head: ExchangeHead, own: ExchangeHead): boolean {
  const isOfConnection =
    head.connection !== undefined &&
    head.connection === own.connection &&
    head.recorder.incarnation === own.recorder.incarnation;
  const isOfTrace = head.trace.traceId !== undefined && head.trace.traceId === own.trace.traceId;
  return isOfConnection || isOfTrace || sharesResource(pathOf(head), pathOf(own));
}

/** One is the other, or lies below it: `/orders` and `/orders/4711`. */
function sharesResource(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short.length > 1 && (long === short || long.startsWith(`${short}/`));
}

function pathOf({ request }: ExchangeHead): string {
  return request.path.replace(/[?#].*$/s, "").replace(/\/+$/, "");
}
