import type { ExchangeHead } from "../exchange.js";
import type { Lost } from "./clocks.js";
import { callerNamesOf, mayBeSameCallee, type Sighting } from "./sighting.js";
import { type Moments, mayBeAfter, type Timeline } from "./timeline.js";

/** A sighting with its moments on the tape's common scale. */
export interface TimedSighting extends Sighting {
  moments: Moments;
}

/** Why a call's sightings are not surely of one call. */
export type Doubt =
  /** Another call could have been meant. */
  | "others-fit"
  /** They share a trace id and no request id or span. */
  | "trace-only"
  /** One of them carries no identifier: they are alike, and one is within the other in time. */
  | "no-identifier"
  /** No recorder before the callee saw it, and nothing says that it was one caller. */
  | "callers-unknown"
  /** A recorder lost calls near it, of which one could have been meant. */
  | "losses";

/** A call while sightings are still being added, in order of their start. */
export interface Draft {
  sightings: TimedSighting[];
  /** The last end of all. */
  endNs: number;
  doubt?: Doubt;
}

/** How far apart two recorders may see one call begin, clocks and hops included. */
const nearNs = 1_000_000_000;

/** How many calls a sighting is compared with; an identifier that all calls share must not cost their square. */
const openLimit = 64;

/** What drafting asks of the tape. */
export interface DraftSources {
  timeline: Timeline;
  lost?: Lost;
}

/** Groups sightings, given in order of their start on the common scale, into calls. */
export function draftCalls(sightings: readonly TimedSighting[], { timeline, lost }: DraftSources): Draft[] {
  const open = new Map<string, Draft[]>();
  const drafts: Draft[] = [];
  for (const sighting of sightings) {
    const joinKeys = joinKeysOf(sighting);
    const candidates = candidatesIn(open, joinKeys);
    let draft = joinByIdentifier(sighting, candidates, timeline);
    if (draft === undefined) {
      draft = { sightings: [sighting], endNs: endOf(sighting) };
      drafts.push(draft);
      doubtThoseThatFit(sighting, candidates, timeline);
    }
    for (const joinKey of joinKeys) remember(open, joinKey, draft, sighting);
  }
  const calls = withBareJoined(drafts, timeline);
  for (const draft of calls) {
    if (draft.sightings.length === 1) delete draft.doubt;
    else doubtCallers(draft);
  }
  if (lost !== undefined) doubtNearLosses(calls, lost);
  return calls;
}

function joinKeysOf({ identifiers, head: { request } }: Sighting): string[] {
  return identifiers.map((identifier) => `${identifier} ${request.method} ${request.path}`);
}

function candidatesIn(open: ReadonlyMap<string, readonly Draft[]>, joinKeys: readonly string[]): readonly Draft[] {
  if (joinKeys.length === 1) return open.get(joinKeys[0]!) ?? [];
  const found = joinKeys.flatMap((joinKey) => open.get(joinKey) ?? []);
  return found.length === 0 ? found : [...new Set(found)];
}

/** The call that this is one more sighting of: of several, one from the same caller, then the one that began nearest. */
function joinByIdentifier(
  sighting: TimedSighting,
  candidates: readonly Draft[],
  timeline: Timeline,
): Draft | undefined {
  if (candidates.length === 0) return undefined;
  const fitting = candidates.filter((draft) => draft.sightings.every((other) => fits(sighting, other, timeline)));
  if (fitting.length === 0) return undefined;
  const draft = nearest(sighting, fitting);
  // What was left out of a call may come to belong to it as much as what was put in.
  if (fitting.length > 1) for (const one of fitting) one.doubt = "others-fit";
  else if (!draft.sightings.some((other) => isNamedAlike(sighting, other))) draft.doubt ??= "trace-only";
  for (const other of candidates) {
    if (fitting.includes(other) || !other.sightings.every((one) => mightReplaceOrFit(sighting, one, timeline)))
      continue;
    draft.doubt = "others-fit";
    other.doubt = "others-fit";
  }
  add(sighting, draft);
  return draft;
}

function add(sighting: TimedSighting, draft: Draft): void {
  draft.sightings.push(sighting);
  draft.endNs = Math.max(draft.endNs, endOf(sighting));
}

/** All began before this sighting, so the last to begin is the nearest. */
function nearest(sighting: TimedSighting, fitting: readonly Draft[]): Draft {
  const sameCaller = fitting.filter(({ sightings }) => sightings.some((other) => haveOneCaller(sighting, other)));
  const among = sameCaller.length > 0 ? sameCaller : fitting;
  return among.reduce((a, b) => (startOf(b) >= startOf(a) ? b : a));
}

function haveOneCaller(a: Sighting, b: Sighting): boolean {
  if (a.head.caller === undefined || b.head.caller === undefined) return false;
  const names = callerNamesOf(b.head.caller);
  return callerNamesOf(a.head.caller).some((name) => names.includes(name));
}

/** By the one identifier that belongs to this call, or its user request, and not to a whole trace. */
function isNamedAlike(a: Sighting, b: Sighting): boolean {
  return (a.requestId !== undefined && a.requestId === b.requestId) || (a.span !== undefined && a.span === b.span);
}

function fits(sighting: TimedSighting, other: TimedSighting, timeline: Timeline): boolean {
  return maySeeSameCall(sighting, other) && isAlike(sighting, other) && fitInTime(sighting, other, timeline);
}

function isAlike(a: Sighting, b: Sighting): boolean {
  return mayBeSameCallee(a, b) && !differInRequestId(a, b);
}

/** Whether both may be sightings of one call, going by where they were seen from. */
function maySeeSameCall({ head: a }: Sighting, { head: b }: Sighting): boolean {
  if (a.vantage !== b.vantage) return true;
  // A gateway and a sidecar may both tell of one request, to one recorder; a proxy tells of it once.
  if (a.vantage !== "mirror" && a.vantage !== "ext-proc") return false;
  const [one, other] = [proxyOf(a), proxyOf(b)];
  if (one !== undefined && other !== undefined) return one !== other;
  return a.recorder.name !== b.recorder.name || a.client !== b.client;
}

/** What tells the proxies of a mesh apart: the label of a mirror rule; where an Envoy that reports a call listens. */
function proxyOf({ hop, vantage, connection }: ExchangeHead): string | undefined {
  if (hop !== undefined || vantage === "mirror") return hop;
  const at = connection?.indexOf("@") ?? -1;
  return at < 0 ? undefined : connection!.slice(at + 1);
}

function differInRequestId(a: Sighting, b: Sighting): boolean {
  return a.requestId !== undefined && b.requestId !== undefined && a.requestId !== b.requestId;
}

function fitInTime(a: TimedSighting, b: TimedSighting, timeline: Timeline): boolean {
  const [one, other] = [a.moments, b.moments];
  const { lo, hi } = timeline.slack(one.clock, other.clock);
  const isFarAfter = other.startNs + lo - endOf(a) > nearNs;
  const isFarBefore = one.startNs - endOf(b) - hi > nearNs;
  if (isFarAfter || isFarBefore) return false;
  if (a.head.vantage === "outbound" && b.head.vantage === "inbound") return mayBeAround(one, other, timeline);
  if (a.head.vantage === "inbound" && b.head.vantage === "outbound") return mayBeAround(other, one, timeline);
  return true;
}

/** The caller's side sees a request first and its answer last. */
function mayBeAround(outer: Moments, inner: Moments, timeline: Timeline): boolean {
  if (!mayBeAfter(timeline, outer.clock, outer.startNs, inner.clock, inner.startNs)) return false;
  if (outer.answerNs === undefined || inner.answerNs === undefined) return true;
  return mayBeAfter(timeline, inner.clock, inner.answerNs, outer.clock, outer.answerNs);
}

/**
 * Whether a sighting could be of the other's call but for one from the same place, or for the time: where no call ties two
 * clocks, the time says nothing for sure.
 */
function mightReplaceOrFit(sighting: TimedSighting, other: TimedSighting, timeline: Timeline): boolean {
  return !maySeeSameCall(sighting, other) || mightFit(sighting, other, timeline);
}

function mightFit(sighting: TimedSighting, other: TimedSighting, timeline: Timeline): boolean {
  if (!maySeeSameCall(sighting, other) || !isAlike(sighting, other)) return false;
  return fitInTime(sighting, other, timeline) || !timeline.isTied(sighting.moments.clock, other.moments.clock);
}

/** A call that begins with this sighting: what was joined before may belong to it instead. */
function doubtThoseThatFit(sighting: TimedSighting, candidates: readonly Draft[], timeline: Timeline): void {
  for (const draft of candidates) {
    if (draft.sightings.some((other) => mightFit(sighting, other, timeline))) draft.doubt = "others-fit";
  }
}

/** A recorder before the callee sees all calls to it; on their way, some may be seen here and others there. */
function doubtCallers(draft: Draft): void {
  const { sightings, doubt } = draft;
  if (doubt !== undefined) return;
  if (sightings.some(({ head }) => head.vantage === "inbound")) return;
  const [first, ...others] = sightings;
  if (!others.every((other) => haveOneCaller(first!, other))) draft.doubt = "callers-unknown";
}

function doubtNearLosses(drafts: readonly Draft[], lost: Lost): void {
  const near = BigInt(nearNs);
  for (const draft of drafts) {
    if (draft.sightings.length === 1 || draft.doubt !== undefined) continue;
    const isNearLoss = draft.sightings.some(({ head: { recorder, startedNs, answerEndedNs } }) =>
      lost(recorder, startedNs - near, (answerEndedNs ?? startedNs) + near),
    );
    if (isNearLoss) draft.doubt = "losses";
  }
}

/**
 * Joins what was seen on the caller's side without any identifier to what is alike and within it in time: a proxy on the
 * way gave the request its first identifier, or none did. Keeps the order.
 */
function withBareJoined(drafts: readonly Draft[], timeline: Timeline): Draft[] {
  const bare = drafts.filter(({ sightings }) => sightings.length === 1 && isBareOutside(sightings[0]!));
  if (bare.length === 0) return [...drafts];
  const wanted = new Set(bare.map(({ sightings }) => bareKeyOf(sightings[0]!)));
  const inside = new Map<string, Draft[]>();
  for (const draft of drafts) {
    const key = bareKeyOf(draft.sightings[0]!);
    if (!wanted.has(key) || draft.sightings.some(({ head }) => head.vantage === "outbound")) continue;
    const known = inside.get(key);
    if (known === undefined) inside.set(key, [draft]);
    else known.push(draft);
  }
  const taken = new Set<Draft>();
  for (const outer of bare) {
    const among = around(inside.get(bareKeyOf(outer.sightings[0]!)) ?? [], startOf(outer));
    const fitting = among.filter((draft) => !taken.has(draft) && mayBeWithin(outer.sightings[0]!, draft, timeline));
    const [draft] = fitting.sort((a, b) => apartNs(outer, a) - apartNs(outer, b));
    if (draft === undefined) continue;
    taken.add(draft);
    for (const sighting of draft.sightings) add(sighting, outer);
    outer.doubt = fitting.length > 1 ? "others-fit" : "no-identifier";
  }
  return drafts.filter((draft) => !taken.has(draft));
}

function isBareOutside({ identifiers, head }: Sighting): boolean {
  return identifiers.length === 0 && head.vantage === "outbound";
}

function bareKeyOf({ head: { request } }: Sighting): string {
  return `${request.method} ${request.path}`;
}

/** Of drafts in order of their start, those that began near a moment. */
function around(drafts: readonly Draft[], startNs: number): readonly Draft[] {
  let [low, high] = [0, drafts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (startOf(drafts[middle]!) < startNs) low = middle + 1;
    else high = middle;
  }
  return drafts.slice(Math.max(0, low - openLimit / 2), low + openLimit / 2);
}

function mayBeWithin(outer: TimedSighting, { sightings }: Draft, timeline: Timeline): boolean {
  return sightings.every(
    (one) =>
      fits(outer, one, timeline) &&
      (one.head.caller === undefined || outer.head.caller === undefined || haveOneCaller(outer, one)) &&
      outer.head.request.bodyBytes === one.head.request.bodyBytes,
  );
}

function apartNs(a: Draft, b: Draft): number {
  return Math.abs(startOf(a) - startOf(b));
}

/** Keeps what a later sighting may still join. */
function remember(open: Map<string, Draft[]>, joinKey: string, draft: Draft, sighting: TimedSighting): void {
  const known = open.get(joinKey);
  if (known === undefined) {
    open.set(joinKey, [draft]);
    return;
  }
  if (!known.includes(draft)) known.push(draft);
  if (known.length <= openLimit) return;
  const still = known.filter((one) => one.endNs + nearNs >= sighting.moments.startNs);
  open.set(joinKey, still.slice(-openLimit / 2));
}

function startOf(draft: Draft): number {
  return draft.sightings[0]!.moments.startNs;
}

function endOf({ moments }: TimedSighting): number {
  return moments.endNs ?? moments.startNs;
}
