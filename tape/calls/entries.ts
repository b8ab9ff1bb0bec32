import type { Draft } from "./draft.js";
import { isSameRequest, type Sighting } from "./sighting.js";

/** How far the clocks of two recorders may be apart when one call is looked for inside another. */
const skewNs = 10_000_000n;

/** How many calls that are open at one time are looked through; a trace id that all share must not cost their square. */
const openLimit = 128;

/** A call as it is compared here: its best sighting, and when it ended, where a vantage knows. */
interface Span {
  draft: Draft;
  best: Sighting;
  startNs: bigint;
  endNs: bigint | undefined;
  caller: string | undefined;
}

/**
 * Tells which calls of one user request (given in order of their start) came from outside. A call whose caller is known
 * is from within when that caller was called on the same trace; of others it is told by time: a call inside another,
 * which is not another try of it, was made by it. Copies of requests know no ends: of these the first is from outside.
 */
export function entriesOf(trace: readonly { draft: Draft; best: Sighting }[]): Set<Draft> {
  const spans = trace.map(({ draft, best }) => spanOf(draft, best));
  const callsByName = countNames(spans);
  const entries = new Set<Draft>();
  const open: Span[] = [];
  const copies: Span[] = [];
  for (const [at, span] of spans.entries()) {
    const isInner =
      span.caller !== undefined
        ? isCalledByOthers(span, span.caller, callsByName)
        : [...open, ...soonAfter(spans, at), ...copies].some((other) => contains(other, span));
    if (!isInner) entries.add(span.draft);
    if (span.endNs === undefined && copies.length < 8) copies.push(span);
    if (span.endNs !== undefined) keepOpen(open, span);
  }
  return entries;
}

/** The caller of a call, where a sighting knows it, in lower case. */
export function callerOf(draft: Draft): string | undefined {
  return draft.sightings.find(({ head }) => head.caller !== undefined)?.head.caller?.toLowerCase();
}

function spanOf(draft: Draft, best: Sighting): Span {
  const ended = draft.sightings.find(({ head }) => head.answerEndedNs !== undefined && head.vantage !== "mirror");
  return {
    draft,
    best,
    startNs: best.head.startedNs,
    endNs: ended?.head.answerEndedNs,
    caller: callerOf(draft),
  };
}

/** By name of a callee: how many calls of the trace it received. */
function countNames(spans: readonly Span[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { draft } of spans) {
    for (const name of namesOf(draft)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function isCalledByOthers(span: Span, caller: string, callsByName: ReadonlyMap<string, number>): boolean {
  const calls = callsByName.get(caller) ?? 0;
  return calls > (namesOf(span.draft).has(caller) ? 1 : 0);
}

function namesOf(draft: Draft): Set<string> {
  return new Set(draft.sightings.flatMap(({ calleeNames }) => calleeNames));
}

/** By another clock the outer call may seem to begin a little after the one inside it. */
function soonAfter(spans: readonly Span[], at: number): Span[] {
  const latest = spans[at]!.startNs + skewNs;
  let end = at + 1;
  while (end < spans.length && end - at <= 16 && spans[end]!.startNs <= latest) end++;
  return spans.slice(at + 1, end);
}

function keepOpen(open: Span[], span: Span): void {
  open.push(span);
  if (open.length <= openLimit) return;
  const still = open.filter(({ endNs }) => endNs! + skewNs >= span.startNs);
  // The longest are the ones that others are inside of.
  still.sort((a, b) => (a.endNs! < b.endNs! ? 1 : -1));
  open.splice(0, open.length, ...still.slice(0, openLimit / 2));
}

function contains(outer: Span, inner: Span): boolean {
  if (isSameRequest(outer.best, inner.best)) return false;
  if (outer.endNs === undefined) {
    return outer.best.head.vantage === "mirror" && inner.endNs === undefined && outer.startNs < inner.startNs;
  }
  const allowance = outer.best.head.recorder.name === inner.best.head.recorder.name ? 0n : skewNs;
  if (inner.startNs + allowance < outer.startNs) return false;
  if (inner.endNs === undefined) return inner.startNs <= outer.endNs + allowance;
  return inner.endNs <= outer.endNs + allowance && inner.endNs - inner.startNs < outer.endNs - outer.startNs;
}
