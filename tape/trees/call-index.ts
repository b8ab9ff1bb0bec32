import { type CallNode, isSeenOnItsWay } from "../calls/call-node.js";
import type { Lost } from "../calls/clocks.js";
import type { Timeline } from "../calls/timeline.js";
import type { RecorderId } from "../exchange.js";
import { CallsByStart } from "./calls-by-start.js";

/** The calls of one trace. */
export interface TraceCalls {
  all: CallsByStart;
  /** By every name a callee goes by. */
  byName: ReadonlyMap<string, readonly CallNode[]>;
}

/** A tape's calls as they are looked up when each is placed. */
export interface CallIndex {
  /** Undefined for a call that is alone in its trace, or has none. */
  traceOf(node: CallNode): TraceCalls | undefined;
  /** Those that reached a recorder before their callee with this trace and span. */
  givenSpan(span: string): readonly CallNode[];
  /** Those to a callee of one of these names, on the whole tape, that may have been open at the start of this one. */
  calledNear(names: readonly string[], startNs: number): readonly CallNode[];
  /** Those that no recorder before their callee saw, on the whole tape, that may have been open at that start. */
  onTheirWayNear(startNs: number): readonly CallNode[];
  /** Whether calls to a callee of one of these names may be missing from the tape in this time of the common scale. */
  mayLack(names: readonly string[], fromNs: number, toNs: number): boolean;
}

/** `nodes` in order of their start. */
export function indexCalls(nodes: readonly CallNode[], timeline: Timeline, lost?: Lost): CallIndex {
  const traces = tracesOf(nodes);
  const spans = once(() =>
    groupBy(nodes, ({ sightings }) =>
      sightings.flatMap(({ span, head }) => (span !== undefined && head.vantage === "inbound" ? span : [])),
    ),
  );
  const byName = once(() => groupBy(nodes, ({ calleeNames }) => calleeNames));
  const near = new Map<string, CallsByStart>();
  const onTheirWay = once(() => new CallsByStart(nodes.filter(isSeenOnItsWay)));
  const recordersOf = once(() => recordersByName(byName()));
  const calledBy = (name: string): CallsByStart | undefined => {
    const known = near.get(name);
    const named = known === undefined ? byName().get(name) : undefined;
    if (named === undefined) return known;
    const calls = new CallsByStart(named);
    near.set(name, calls);
    return calls;
  };
  return {
    traceOf: ({ call: { traceKey } }) => (traceKey === undefined ? undefined : traces(traceKey)),
    givenSpan: (span) => spans().get(span) ?? [],
    calledNear: (names, startNs) => {
      const found = names.flatMap((name) => calledBy(name) ?? []);
      if (found.length === 1) return found[0]!.near(startNs);
      return [...new Set(found.flatMap((calls) => calls.near(startNs)))];
    },
    onTheirWayNear: (startNs) => onTheirWay().near(startNs),
    mayLack: (names, fromNs, toNs) => {
      if (lost === undefined) return false;
      const isLost = (recorder: RecorderId) => {
        const correctionNs = timeline.clocks.correctionNs(recorder.incarnation);
        return lost(recorder, timeline.epochNs(fromNs - correctionNs), timeline.epochNs(toNs - correctionNs));
      };
      return names.some((name) => recordersOf().get(name)?.some(isLost));
    },
  };
}

function tracesOf(nodes: readonly CallNode[]): (traceKey: string) => TraceCalls | undefined {
  const groups = groupBy(nodes, ({ call: { traceKey } }) => (traceKey === undefined ? [] : [traceKey]));
  const known = new Map<string, TraceCalls>();
  return (traceKey) => {
    const group = groups.get(traceKey);
    if (group === undefined || group.length < 2) return undefined;
    let trace = known.get(traceKey);
    if (trace === undefined) {
      trace = { all: new CallsByStart(group), byName: groupBy(group, ({ calleeNames }) => calleeNames) };
      known.set(traceKey, trace);
    }
    return trace;
  };
}

function recordersByName(byName: ReadonlyMap<string, readonly CallNode[]>): Map<string, readonly RecorderId[]> {
  const found = new Map<string, readonly RecorderId[]>();
  for (const [name, nodes] of byName) {
    const recorders = nodes.flatMap(({ sightings }) => sightings.map(({ head: { recorder } }) => recorder));
    found.set(name, [...new Map(recorders.map((recorder) => [recorder.incarnation, recorder])).values()]);
  }
  return found;
}

function groupBy(
  nodes: readonly CallNode[],
  keysOf: (node: CallNode) => readonly string[],
): Map<string, readonly CallNode[]> {
  const groups = new Map<string, CallNode[]>();
  for (const node of nodes) {
    for (const key of keysOf(node)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [node]);
      else if (group.at(-1) !== node) group.push(node);
    }
  }
  return groups;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
