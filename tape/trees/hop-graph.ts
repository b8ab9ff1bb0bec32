import { build, type Histogram } from "hdr-histogram-js";
import type { Call } from "../calls.js";
import type { HopTree } from "./grow-trees.js";
import type { Hop, JoinKind } from "./hop.js";

/** All calls from one service to another. */
export interface HopEdge {
  /** Undefined where nothing says who called. */
  caller?: string;
  callee: string;
  /** Each call once, however often it was seen. */
  calls: number;
  /** Tries after the first, which are not among `calls`. */
  retries: number;
  /** Of calls and retries: failed, or answered with a status of 500 and above. */
  failed: number;
  /** Of calls and retries: nobody saw how they were answered. */
  unknown: number;
  /** Sightings. */
  exchanges: number;
  /** How they came to their places in the trees. */
  joins: Record<JoinKind, number>;
  /** Calls whose sightings are not surely of one call. */
  doubtful: number;
  /** Of those that were seen to end, in milliseconds. */
  durationMs?: { p50: number; p99: number };
}

/** The graph of services, added up tree by tree. In memory that grows with the edges, not with the calls. */
export class HopGraph {
  readonly #edges = new Map<string, { edge: HopEdge; durations: Histogram | undefined }>();
  readonly #callees = new Set<string>();

  add(tree: HopTree): void {
    const left: { hop: Hop; parent?: Hop }[] = tree.roots.map((hop) => ({ hop }));
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const { hop, parent } = next;
      this.#addHop(hop, parent?.call.best.callee ?? callerOf(hop.call));
      for (const child of hop.children) left.push({ hop: child, parent: hop });
    }
  }

  /** By caller, then callee; those nobody is known to have called first. */
  edges(): HopEdge[] {
    const merged = new Map<string, { edge: HopEdge; durations: Histogram | undefined }>();
    for (const { edge, durations } of this.#edges.values()) {
      const caller = edge.caller === undefined ? undefined : this.#nameOf(edge.caller);
      const key = JSON.stringify([caller, edge.callee]);
      const known = merged.get(key);
      if (known === undefined)
        merged.set(key, { edge: { ...edge, ...(caller !== undefined && { caller }) }, durations });
      else merge(known, edge, durations);
    }
    return [...merged.values()].map(withDurations).sort(byNames);
  }

  #addHop({ call, join }: Hop, caller: string | undefined): void {
    const { callee } = call.best;
    this.#callees.add(callee);
    const key = JSON.stringify([caller, callee]);
    let known = this.#edges.get(key);
    if (known === undefined) {
      known = { edge: emptyEdge(caller, callee), durations: undefined };
      this.#edges.set(key, known);
    }
    const { edge } = known;
    if ((call.attempt ?? 1) > 1) edge.retries++;
    else edge.calls++;
    const { answer } = call.best;
    if (answer.kind === "unknown") edge.unknown++;
    else if (answer.kind === "failure" || answer.status >= 500) edge.failed++;
    edge.exchanges += call.sightings.length;
    edge.joins[join.kind]++;
    if (call.certainty === "inferred") edge.doubtful++;
    const ms = durationMs(call);
    if (ms !== undefined) {
      known.durations ??= emptyHistogram();
      known.durations.recordValue(Math.max(1, Math.round(ms * 1000)));
    }
  }

  /** A caller comes as `reviews.shop`: where `reviews` is called on this tape, it is that one. */
  #nameOf(caller: string): string {
    if (this.#callees.has(caller)) return caller;
    const first = caller.split(".", 1)[0]!;
    return this.#callees.has(first) ? first : caller;
  }
}

function callerOf({ sightings }: Call): string | undefined {
  const outside = sightings.find(({ vantage }) => vantage === "outbound")?.caller;
  return outside ?? sightings.find(({ caller }) => caller !== undefined)?.caller;
}

function durationMs({ best, sightings }: Call): number | undefined {
  const seen = [best, ...sightings].find(({ answerEndedNs }) => answerEndedNs !== undefined);
  return seen && Number(seen.answerEndedNs! - seen.startedNs) / 1e6;
}

function emptyEdge(caller: string | undefined, callee: string): HopEdge {
  return {
    ...(caller !== undefined && { caller }),
    callee,
    calls: 0,
    retries: 0,
    failed: 0,
    unknown: 0,
    exchanges: 0,
    joins: { entry: 0, exact: 0, inferred: 0, orphan: 0 },
    doubtful: 0,
  };
}

/** Microseconds up to an hour, to one part in a hundred. */
function emptyHistogram(): Histogram {
  return build({ lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: 2 });
}

function merge(
  into: { edge: HopEdge; durations: Histogram | undefined },
  edge: HopEdge,
  durations: Histogram | undefined,
): void {
  for (const count of ["calls", "retries", "failed", "unknown", "exchanges", "doubtful"] as const) {
    into.edge[count] += edge[count];
  }
  into.edge.joins = { ...into.edge.joins };
  for (const kind of Object.keys(edge.joins) as JoinKind[]) into.edge.joins[kind] += edge.joins[kind];
  if (durations === undefined) return;
  const sum = emptyHistogram();
  sum.add(durations);
  if (into.durations !== undefined) sum.add(into.durations);
  into.durations = sum;
}

function withDurations({ edge, durations }: { edge: HopEdge; durations: Histogram | undefined }): HopEdge {
  if (durations === undefined) return edge;
  const at = (percent: number) => durations.getValueAtPercentile(percent) / 1000;
  return { ...edge, durationMs: { p50: at(50), p99: at(99) } };
}

function byNames(a: HopEdge, b: HopEdge): number {
  const [one, other] = [`${a.caller ?? ""}\n${a.callee}`, `${b.caller ?? ""}\n${b.callee}`];
  return one < other ? -1 : one > other ? 1 : 0;
}
