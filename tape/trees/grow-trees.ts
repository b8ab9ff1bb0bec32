import type { CallNode } from "../calls/call-node.js";
import type { Timeline } from "../calls/timeline.js";
import type { Hop } from "./hop.js";
import type { PlacedCall } from "./place-calls.js";

/** The calls of one user request, as far as they are known to be of one: by a common trace, or made one by another. */
export interface HopTree {
  /** Entries first where it has any; orphans of its trace beside them. In order of their start. */
  roots: readonly Hop[];
  calls: number;
  /** Sightings: each Exchange of the tape is in exactly one tree. */
  exchanges: number;
  /** The first start, by the clocks as corrected. */
  startedNs: bigint;
  /** Nanoseconds after `startedNs` at which a call of it began, by the clocks as corrected. */
  startOf(hop: Hop): number;
}

/** A tree and, for who grows many from parts of a tape, the calls in it. */
export interface GrownTree {
  tree: HopTree;
  nodes: readonly CallNode[];
}

/** Puts placed calls (in order of their start) together to trees, in order of their start. */
export function growTrees(placed: readonly PlacedCall[], timeline: Timeline): GrownTree[] {
  const hops = new Map<CallNode, Hop>(placed.map(({ node, join }) => [node, { call: node.call, join, children: [] }]));
  for (const { node, parent } of placed) if (parent !== undefined) hops.get(parent)!.children.push(hops.get(node)!);
  return [...groupsOf(placed)].map((group) => ({
    tree: treeOf(group, hops, timeline),
    nodes: group.map(({ node }) => node),
  }));
}

function treeOf(group: readonly PlacedCall[], hops: ReadonlyMap<CallNode, Hop>, timeline: Timeline): HopTree {
  const firstNs = group[0]!.node.startNs;
  const starts = new Map(group.map(({ node }) => [hops.get(node)!, node.startNs - firstNs]));
  const roots = group.filter(({ parent }) => parent === undefined).map(({ node }) => hops.get(node)!);
  const isEntry = ({ join }: Hop) => join.kind === "entry";
  return {
    roots: [...roots.filter(isEntry), ...roots.filter((root) => !isEntry(root))],
    calls: group.length,
    exchanges: group.reduce((sum, { node }) => sum + node.sightings.length, 0),
    startedNs: timeline.epochNs(firstNs),
    startOf: (hop) => starts.get(hop) ?? 0,
  };
}

/** Calls of one trace, and calls made one by another, are of one tree. */
function groupsOf(placed: readonly PlacedCall[]): Iterable<readonly PlacedCall[]> {
  const leaders = new Map<CallNode, CallNode>();
  const leaderOf = (node: CallNode): CallNode => {
    let at = node;
    for (let next = leaders.get(at); next !== undefined; next = leaders.get(at)) at = next;
    if (at !== node) leaders.set(node, at);
    return at;
  };
  const unite = (a: CallNode, b: CallNode) => {
    const [one, other] = [leaderOf(a), leaderOf(b)];
    if (one !== other) leaders.set(other, one);
  };
  const firstOfTrace = new Map<string, CallNode>();
  for (const { node, parent } of placed) {
    const { traceKey } = node.call;
    const first = traceKey === undefined ? undefined : firstOfTrace.get(traceKey);
    if (first !== undefined) unite(first, node);
    else if (traceKey !== undefined) firstOfTrace.set(traceKey, node);
    if (parent !== undefined) unite(parent, node);
  }
  const groups = new Map<CallNode, PlacedCall[]>();
  for (const one of placed) {
    const leader = leaderOf(one.node);
    const group = groups.get(leader);
    if (group === undefined) groups.set(leader, [one]);
    else group.push(one);
  }
  return groups.values();
}
