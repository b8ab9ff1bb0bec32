import {
  type CallNode,
  isSeenOnItsWay,
  mayBeOpenAtStart,
  mayEnclose,
  mayHaveBegunBefore,
  repeats,
} from "../calls/call-node.js";
import type { Lost } from "../calls/clocks.js";
import type { JoinedSightings } from "../calls/join-sightings.js";
import type { Timeline } from "../calls/timeline.js";
import { type CallIndex, indexCalls, type TraceCalls } from "./call-index.js";
import type { EntryReason, Join, OrphanReason, ParentReason } from "./hop.js";

/** A call and its place: below `parent`, or a root. */
export interface PlacedCall {
  node: CallNode;
  join: Join;
  parent?: CallNode;
  /** Those that could have made it, where neither identifiers nor time could tell: a value they share may. */
  candidates?: readonly CallNode[];
}

/** What placing may be told beside the calls. */
export interface PlaceSources {
  /** Where calls are missing from the tape: what may be wrong for it is not called sure. */
  lost?: Lost;
  /** Names of callees, in lower case, that are met on other stretches of the tape. */
  calledElsewhere?: ReadonlySet<string>;
}

/** Before the call: what was lost then may be what made it. */
const lossReachNs = 60_000_000_000;
const justAfterNs = 1_000_000_000;

/**
 * Places each call below the one that made it, as far as the tape says so, in this order:
 *
 * 1. its parent span, where the caller's tracer names it;
 * 2. within its trace: its caller's only call; else the one whose span was copied; else the one it lies within in time;
 * 3. without an identifier in common: the only call to its caller that was open all the while.
 *
 * What is left has candidates, for values to decide, or none. Pure; `nodes` in order of their start.
 */
export function placeCalls({ nodes, timeline }: JoinedSightings, known: PlaceSources = {}): PlacedCall[] {
  const index = indexCalls(nodes, timeline, known.lost);
  const parents = new Map<CallNode, CallNode>();
  return nodes.map((node) => {
    const placed = placeOf({ node, index, timeline, calledElsewhere: known.calledElsewhere });
    if (placed.parent === undefined) return placed;
    if (isAbove(parents, node, placed.parent)) {
      return { node, join: orphan({ kind: "several", candidates: 1, within: "time" }) };
    }
    parents.set(node, placed.parent);
    return placed;
  });
}

/** Whether `node` is above `other`: by clocks that are not known well two calls may each seem to be within the other. */
export function isAbove(parents: ReadonlyMap<CallNode, CallNode>, node: CallNode, other: CallNode): boolean {
  for (let at: CallNode | undefined = other; at !== undefined; at = parents.get(at)) if (at === node) return true;
  return false;
}

function placeOf(search: Search): PlacedCall {
  const { node, index } = search;
  const trace = index.traceOf(node);
  return (
    bySpanOfParent(search) ??
    (trace === undefined ? undefined : inTrace(search, trace)) ??
    (node.caller === undefined ? { node, join: entry({ kind: "no-caller" }) } : acrossTraces(search))
  );
}

interface Search {
  node: CallNode;
  index: CallIndex;
  timeline: Timeline;
  calledElsewhere: ReadonlySet<string> | undefined;
}

/**
 * B3 tells a span's parent: the call that came with that one was answered by who made this call. Only what stands before
 * a service sees the span it is given; on the way out, and before a proxy, a request still carries the one that was copied.
 */
function bySpanOfParent(search: Search): PlacedCall | undefined {
  const { node, index } = search;
  const own = node.sightings.find(({ head: { vantage, trace } }) => vantage === "inbound" && trace.grandparentSpanId);
  if (own === undefined) return undefined;
  const { traceId, grandparentSpanId } = own.head.trace;
  const found = index
    .givenSpan(`${traceId} ${grandparentSpanId}`)
    .filter((one) => one !== node && (node.caller === undefined || isCalled(one, node.callerNames)));
  if (found.length !== 1) return undefined;
  const reason = { kind: "parent-span" } as const;
  return isDoubtful(node, found[0]!)
    ? below(search, found[0]!, { kind: "doubtful", but: reason }, "inferred")
    : below(search, found[0]!, reason);
}

function isCalled({ calleeNames }: CallNode, names: readonly string[]): boolean {
  return names.some((name) => calleeNames.includes(name));
}

function inTrace(search: Search, trace: TraceCalls): PlacedCall | undefined {
  const { node } = search;
  return node.callerNames.length > 0 ? byCaller(search, trace) : byTime(search, trace.all.near(node.startNs));
}

/** Its caller is known: among the calls of its trace to that name. */
function byCaller(search: Search, trace: TraceCalls): PlacedCall | undefined {
  const { node, timeline } = search;
  const { named, repeated } = namedIn(trace, node);
  if (named.length === 0) return byWhoeverAnswered(search, trace);
  const caller = node.caller!;
  const earlier = named.filter((one) => mayHaveBegunBefore(timeline, one, node));
  if (named.length === 1 && earlier.length === 1) {
    // A service that calls itself with the very same request may have made this one by it.
    if (repeated.length > 0) return inside(search, named[0]!);
    return sure(search, named[0]!, { kind: "only-call", caller });
  }
  const copied = earlier.filter((one) => sharesSpan(one, node));
  if (copied.length === 1) return sure(search, copied[0]!, { kind: "same-span" });
  const open = earlier.filter((one) => mayBeOpenAtStart(timeline, one, node));
  if (open.length === 0) return { node, join: orphan({ kind: "none-open", caller }) };
  // Calls to one service lie within each other by chance: it is the only one around, or it is not known.
  const around = open.filter((one) => one.endNs === undefined || mayEnclose(timeline, one, node));
  if (around.length === 1) return inside(search, around[0]!);
  return undecided(search, around.length === 0 ? open : around);
}

function namedIn({ byName }: TraceCalls, node: CallNode): { named: CallNode[]; repeated: CallNode[] } {
  const all = [...new Set(node.callerNames.flatMap((name) => byName.get(name) ?? []))].filter((one) => one !== node);
  return { named: all.filter((one) => !repeats(one, node)), repeated: all.filter((one) => repeats(one, node)) };
}

/**
 * No call of the trace goes by the caller's name. One that was seen on its way alone (a copy at a gateway, by the name its
 * users know) may have been answered by the caller under another name.
 */
function byWhoeverAnswered(search: Search, trace: TraceCalls): PlacedCall | undefined {
  const { node, index } = search;
  if (index.calledNear(node.callerNames, node.startNs).some((one) => one !== node)) return undefined;
  const others = trace.all.near(node.startNs).filter((one) => mayHaveAnswered(one, search));
  if (others.length === 0) return undefined;
  return others.length === 1
    ? below(search, others[0]!, { kind: "only-other" }, "inferred")
    : innermost(search, others);
}

/** Whether who made this call may have made it for that one, of which it is not known by name who answered it. */
function mayHaveAnswered(one: CallNode, { node, timeline }: Search): boolean {
  if (one === node || repeats(one, node) || !isSeenOnItsWay(one) || !isNamedByUsers(one)) return false;
  // Who made a call does not answer it.
  if (one.callerNames.some((name) => node.callerNames.includes(name))) return false;
  // By names either could have made the other, so what was seen first decides.
  if (!comesBefore(one, node) || !mayBeOpenAtStart(timeline, one, node)) return false;
  return one.endNs === undefined || mayEnclose(timeline, one, node);
}

/** A domain or an address, as users know it; within a cluster services go by a name alone. */
function isNamedByUsers({ best: { head } }: CallNode): boolean {
  return /[.:]|^localhost$/.test(head.callee);
}

/** Its caller is not known: within which calls of its trace does it lie? */
function byTime(search: Search, mates: readonly CallNode[]): PlacedCall | undefined {
  const { node, timeline } = search;
  // A service is called side by side more often than it calls itself.
  const others = mates.filter((one) => one !== node && !isCalled(one, node.calleeNames));
  const around = withoutMadeFor(
    node,
    others.filter((one) => mayEnclose(timeline, one, node)),
    mates,
  );
  if (around.length > 0) return innermost(search, around);
  if (node.endNs !== undefined) return undefined;
  // Copies have no ends to lie within: a copy that came before may be of the call that made this one.
  const copies = others.filter((one) => one.endNs === undefined && comesBefore(one, node));
  if (copies.length === 0) return undefined;
  if (copies.length === 1 && others.length === 1) return below(search, copies[0]!, { kind: "only-other" }, "inferred");
  return undecided(search, copies);
}

/** Reports come late, so by time alone what a call set off may be around it; not where by names it was set off, and seems so. */
function withoutMadeFor(node: CallNode, around: readonly CallNode[], mates: readonly CallNode[]): readonly CallNode[] {
  if (around.every((one) => seemsWithin(one, node))) return around;
  const made = madeFor(node, mates);
  return around.filter((one) => seemsWithin(one, node) || !made.has(one));
}

/** Calls that by the names of their callers were made for this one, by its callee or by whom that called in turn. */
function madeFor(node: CallNode, mates: readonly CallNode[]): ReadonlySet<CallNode> {
  const made = new Set<CallNode>();
  const open = [node];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    for (const mate of mates) {
      if (mate === node || made.has(mate) || !isCalled(one, mate.callerNames)) continue;
      made.add(mate);
      open.push(mate);
    }
  }
  return made;
}

function comesBefore(one: CallNode, node: CallNode): boolean {
  return one.startNs < node.startNs || (one.startNs === node.startNs && one.call.best.id < node.call.best.id);
}

/**
 * The shortest of calls that lie within each other; calls side by side leave it open which of them is meant, and two calls to
 * one service are side by side, wherever they lie.
 */
function innermost(search: Search, around: readonly CallNode[]): PlacedCall {
  const { timeline } = search;
  const shortest = around.reduce((a, b) => (durationNs(b) < durationNs(a) ? b : a));
  const isSure = around.every(
    (one) => one === shortest || (mayEnclose(timeline, one, shortest) && !isCalled(one, shortest.calleeNames)),
  );
  return isSure && (around.length === 1 || seemsWithin(shortest, search.node))
    ? inside(search, shortest)
    : undecided(search, around);
}

/** By the clocks as they are, without what they may be off. */
function seemsWithin(outer: CallNode, { startNs, endNs }: CallNode): boolean {
  if (outer.endNs === undefined) return outer.startNs <= startNs;
  return outer.startNs <= startNs && (endNs ?? startNs) <= outer.endNs;
}

function inside(search: Search, parent: CallNode): PlacedCall {
  const { node, timeline } = search;
  const assumed = !timeline.isTied(parent.best.moments.clock, node.best.moments.clock);
  return below(search, parent, { kind: "inside", assumed }, "inferred");
}

function durationNs({ startNs, endNs }: CallNode): number {
  return endNs === undefined ? Number.POSITIVE_INFINITY : endNs - startNs;
}

/** Its caller is known, and nothing ties it to a call to that one but the time. */
function acrossTraces(search: Search): PlacedCall {
  const { node, index, timeline } = search;
  const caller = node.caller!;
  const named = index.calledNear(node.callerNames, node.startNs).filter((one) => one !== node && !repeats(one, node));
  if (named.length === 0) {
    const isCalled = node.callerNames.some((name) => search.calledElsewhere?.has(name));
    const unnamed = index.onTheirWayNear(node.startNs).filter((one) => mayHaveAnswered(one, search));
    if (!isCalled && unnamed.length > 0) {
      return { node, candidates: unnamed, join: entry({ kind: "caller-not-called", caller }) };
    }
    return {
      node,
      join: isCalled ? orphan({ kind: "none-open", caller }) : entry({ kind: "caller-not-called", caller }),
    };
  }
  const possible = named.filter(
    (one) =>
      mayHaveBegunBefore(timeline, one, node) &&
      mayBeOpenAtStart(timeline, one, node) &&
      (one.endNs === undefined || mayEnclose(timeline, one, node)),
  );
  if (possible.length === 0) return { node, join: orphan({ kind: "none-open", caller }) };
  const [only] = possible;
  if (possible.length > 1) return undecided(search, possible);
  if (only!.endNs === undefined) {
    return { ...undecided(search, possible), join: orphan({ kind: "nothing-shared", caller }) };
  }
  return below(search, only!, { kind: "only-open", caller }, "inferred");
}

function undecided({ node }: Search, candidates: readonly CallNode[]): PlacedCall {
  const { traceKey } = node.call;
  const isOneTrace = traceKey !== undefined && candidates.every(({ call }) => call.traceKey === traceKey);
  const within = isOneTrace ? "trace" : "time";
  return { node, candidates, join: orphan({ kind: "several", candidates: candidates.length, within }) };
}

function below(
  { node }: Search,
  parent: CallNode,
  reason: ParentReason,
  kind: "exact" | "inferred" = "exact",
): PlacedCall {
  return { node, parent, join: { kind, reason } };
}

/** Exact, unless a call that could have been meant instead may be missing. */
function sure(search: Search, parent: CallNode, reason: ParentReason): PlacedCall {
  const { node, index } = search;
  if (isDoubtful(node, parent)) return below(search, parent, { kind: "doubtful", but: reason }, "inferred");
  if (isSeenOnItsWay(parent)) return below(search, parent, { kind: "seen-on-its-way", but: reason }, "inferred");
  const mayLack = index.mayLack(node.callerNames, node.startNs - lossReachNs, node.startNs + justAfterNs);
  return mayLack ? below(search, parent, { kind: "losses", but: reason }, "inferred") : below(search, parent, reason);
}

function isDoubtful(node: CallNode, parent: CallNode): boolean {
  return node.call.certainty === "inferred" || parent.call.certainty === "inferred";
}

/** The span that a service was given, and that it copied into what it sends. */
function sharesSpan(one: CallNode, other: CallNode): boolean {
  return one.sightings.some(
    ({ span, head }) =>
      span !== undefined && head.vantage === "inbound" && other.sightings.some((own) => own.span === span),
  );
}

function entry(reason: EntryReason): Join {
  return { kind: "entry", reason };
}

function orphan(reason: OrphanReason): Join {
  return { kind: "orphan", reason };
}
