import type { DownstreamCall } from "./downstream.js";

/** A call to the stub, as far as choosing its answer goes. */
export interface LiveRequest {
  method: string;
  path: string;
  authority: string;
  body: Uint8Array;
}

/** Which recorded call answers a live one. */
export type Choice =
  /** `inferred`: it is not the recorded request to the byte, or not where it was recorded. */
  { kind: "recorded"; call: DownstreamCall; inferred: boolean } | { kind: "none"; why: string };

/** What choosing stands on. */
export interface Choosing {
  /** Below the call that the live one belongs to; undefined where that is not known. */
  own: readonly DownstreamCall[] | undefined;
  /** All of the tape with this method and path, in recorded order. */
  elsewhere: readonly DownstreamCall[];
  /** Already answered with, in this live tree, and in this lane. */
  usedHere: Set<DownstreamCall>;
  usedInLane: Set<DownstreamCall>;
  routeOf: (method: string, path: string) => string;
  /** Whether the recorded request had this body. */
  hasBody(call: DownstreamCall, body: Uint8Array): Promise<boolean>;
}

/**
 * Chooses by the recorded tree first: the same method, path, query and body; then without the body; without the query; by
 * route where one call alone is left of it, for ids that were made on the way. Then on the whole tape by method, path, query
 * and body. Of several the first in recorded order that was not answered with yet, so the n-th equal request gets the n-th
 * recorded answer. When all were, safe requests get the last one again.
 */
export async function choose(live: LiveRequest, choosing: Choosing): Promise<Choice> {
  const own = (choosing.own ?? []).filter((call) => call.hasAnswer && call.method === live.method && mayBe(call, live));
  const { usedHere, usedInLane } = choosing;
  const samePath = own.filter((call) => call.path === live.path);
  const exact = await withBody(samePath, live, choosing);
  const used = [usedHere, usedInLane];
  const found =
    taken(exact, used, false) ??
    taken(samePath, used, true) ??
    taken(
      own.filter((call) => withoutQuery(call.path) === withoutQuery(live.path)),
      used,
      true,
    ) ??
    taken(onlyOneOfRoute(own, live, choosing), used, true);
  if (found !== undefined) return found;
  const elsewhere = choosing.elsewhere.filter((call) => call.hasAnswer && mayBe(call, live));
  const equal = await withBody(elsewhere, live, choosing);
  return taken(equal, [usedInLane, usedHere], true) ?? again(exact, live) ?? again(equal, live) ?? none(live, choosing);
}

/** A request that reached a port of one authority has that; one that names none is matched by the rest. */
function mayBe(call: DownstreamCall, { authority }: LiveRequest): boolean {
  return authority === "" || call.authority === authority;
}

async function withBody(
  calls: readonly DownstreamCall[],
  { body }: LiveRequest,
  { hasBody }: Choosing,
): Promise<DownstreamCall[]> {
  const same: DownstreamCall[] = [];
  for (const call of calls) if (await hasBody(call, body)) same.push(call);
  return same;
}

function onlyOneOfRoute(
  own: readonly DownstreamCall[],
  live: LiveRequest,
  { routeOf, usedHere }: Choosing,
): DownstreamCall[] {
  const route = routeOf(live.method, live.path);
  const left = own.filter((call) => !usedHere.has(call) && routeOf(call.method, call.path) === route);
  return left.length === 1 ? left : [];
}

/** The first that is not in the first of these; it is in all of them from now on. */
function taken(
  calls: readonly DownstreamCall[],
  used: readonly Set<DownstreamCall>[],
  inferred: boolean,
): Choice | undefined {
  const call = calls.find((one) => !used[0]!.has(one));
  if (call === undefined) return undefined;
  for (const one of used) one.add(call);
  return { kind: "recorded", call, inferred };
}

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

function again(calls: readonly DownstreamCall[], { method }: LiveRequest): Choice | undefined {
  const call = calls.at(-1);
  return call !== undefined && safeMethods.has(method) ? { kind: "recorded", call, inferred: true } : undefined;
}

function none(live: LiveRequest, { own, elsewhere }: Choosing): Choice {
  const alike = [...(own ?? []), ...elsewhere].filter((call) => call.method === live.method && call.path === live.path);
  if (alike.length === 0) return { kind: "none", why: "not on the tape" };
  const answered = alike.some((call) => call.hasAnswer);
  return { kind: "none", why: answered ? "asked more often than recorded" : "the tape has no answer to it" };
}

function withoutQuery(path: string): string {
  return path.split("?", 1)[0]!;
}
