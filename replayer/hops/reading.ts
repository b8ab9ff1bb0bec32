import {
  type Call,
  callsByTrace,
  comparableRequestId,
  type ExchangeHead,
  joinCalls,
  type TapeReader,
} from "../../tape/index.js";
import { identityMaker } from "../identity.js";
import type { HopSources, HopStep } from "./compare.js";
import { type MarkedStep, readMarks } from "./marks.js";

/** A call below a Step's own one, from its best sighting. */
export interface HopCall {
  /** Of the Exchange that holds the answer, on the tape it was read from. */
  id: number;
  callee: string;
  caller?: string;
  method: string;
  path: string;
  /** Status, or failure; absent where the answer was not seen. */
  status?: string;
  startedNs: bigint;
  endedNs: bigint;
}

/** What one side (the recording, or a lane) called below its Steps. */
export interface HopCalls {
  /** In order of time; undefined where the calls below a Step cannot be told from others. */
  below(step: number): readonly HopCall[] | undefined;
  /** Every service seen below any Step. */
  readonly callees: ReadonlySet<string>;
  all(): Iterable<HopCall>;
}

/** What the calls of lanes are found by. */
type LaneSources = Pick<HopSources, "run" | "steps" | "requestIdOf"> & { lanes: readonly string[] };

/** The clocks of two recorders of one tape may be apart by this when a call is looked for inside another. */
const skewNs = 10_000_000n;
/** Copies and reports of proxies come to their recorder by a way of their own: on a busy machine this much later at most. */
const lateNs = 1_000_000_000n;

/** The recorded calls of the same user request as each Step's own, made while that was answered. */
export async function callsOfRecordedSteps(tape: TapeReader, steps: readonly HopStep[]): Promise<HopCalls> {
  const calls = joinCalls(await headsOf(tape));
  const traces = callsByTrace(calls);
  const callOf = new Map(calls.flatMap((call) => call.sightings.map(({ id }) => [id, call])));
  const below = new Map<number, HopCall[]>();
  const untraced = new Set<number>();
  const owns = new Set(steps.map(({ exchangeId }) => callOf.get(exchangeId)));
  for (const { step, exchangeId } of steps) {
    const own = callOf.get(exchangeId);
    const trace = own?.traceKey === undefined ? undefined : traces.get(own.traceKey);
    if (own === undefined || trace === undefined) {
      untraced.add(step);
      continue;
    }
    const others = trace.filter((call) => call !== own && owns.has(call));
    const inside = trace.filter((call) => call !== own && isMadeDuring(call.best, own.best, others));
    if (inside.length > 0) below.set(step, inside.map(hopCallOf));
  }
  return hopCallsFrom(below, untraced);
}

/**
 * What recorders saw of each lane, by lane. A call belongs to a Step by the trace or request id that the Step's request
 * carried; where a service passed on neither, by our marks in its headers or `baggage`.
 */
export async function callsOfReplayedSteps(tape: TapeReader, sources: LaneSources): Promise<Map<string, HopCalls>> {
  const calls = joinCalls(await headsOf(tape));
  const owners = await ownersOf(calls, tape, sources);
  const byLane = new Map(sources.lanes.map((lane) => [lane, new Map<number, Call[]>()]));
  for (const [call, { step, lane }] of owners) {
    const below = byLane.get(lane);
    if (below === undefined) continue;
    const known = below.get(step);
    if (known === undefined) below.set(step, [call]);
    else known.push(call);
  }
  const stepOf = new Map(sources.steps.map((step) => [step.step, step]));
  return new Map(
    [...byLane].map(([lane, below]) => {
      const withoutOwn = [...below].flatMap(([step, found]): [number, HopCall[]][] => {
        const known = stepOf.get(step);
        return known === undefined ? [] : [[step, withoutOwnCall(found.map(hopCallOf), known)]];
      });
      return [lane, hopCallsFrom(new Map(withoutOwn))];
    }),
  );
}

async function ownersOf(
  calls: readonly Call[],
  tape: TapeReader,
  sources: LaneSources,
): Promise<Map<Call, MarkedStep>> {
  const identities = identitiesOf(sources);
  const owners = new Map<Call, MarkedStep>();
  const unknown: Call[] = [];
  for (const call of calls) {
    const owner = call.sightings.map((head) => ownerOf(head, identities)).find((found) => found !== undefined);
    if (owner === undefined) unknown.push(call);
    else owners.set(call, owner);
  }
  const marks = await readMarks(
    tape,
    unknown.map(({ best }) => best.id),
    sources.run,
  );
  for (const call of unknown) {
    const owner = marks.get(call.best.id);
    if (owner !== undefined) owners.set(call, owner);
  }
  return owners;
}

function identitiesOf({ run, steps, lanes, requestIdOf }: LaneSources): Map<string, MarkedStep> {
  const identities = new Map<string, MarkedStep>();
  for (const lane of lanes) {
    const identityOf = identityMaker({ run, lane });
    for (const { step } of steps) {
      const { traceId, requestId } = identityOf(step);
      const owner = { step, lane };
      const sentId = requestIdOf?.(lane, step, requestId) ?? requestId;
      identities.set(traceId, owner).set(comparableRequestId(sentId), owner);
    }
  }
  return identities;
}

function ownerOf({ trace }: ExchangeHead, identities: ReadonlyMap<string, MarkedStep>): MarkedStep | undefined {
  const byTrace = trace.traceId === undefined ? undefined : identities.get(trace.traceId.toLowerCase());
  return byTrace ?? (trace.requestId === undefined ? undefined : identities.get(comparableRequestId(trace.requestId)));
}

/** The Step's own call, as a recorder at the entry saw it: the first of its method and path, at its callee or around all. */
function withoutOwnCall(calls: readonly HopCall[], step: HopStep): HopCall[] {
  const first = calls.toSorted((one, other) => (one.startedNs < other.startedNs ? -1 : 1));
  const own = first.find((call) => call.method === step.method && call.path === step.path);
  if (own === undefined) return first;
  const isAroundAll = first.every(({ startedNs, endedNs }) => startedNs >= own.startedNs && endedNs <= own.endedNs);
  return own.callee === step.callee || isAroundAll ? first.filter((call) => call !== own) : first;
}

function hopCallsFrom(
  below: ReadonlyMap<number, readonly HopCall[]>,
  untraced: ReadonlySet<number> = new Set(),
): HopCalls {
  const callees = new Set<string>();
  for (const calls of below.values()) for (const { callee } of calls) callees.add(callee);
  return {
    below: (step) => below.get(step) ?? (untraced.has(step) ? undefined : []),
    callees,
    *all() {
      for (const calls of below.values()) yield* calls;
    },
  };
}

function hopCallOf({ best, sightings }: Call): HopCall {
  const caller = sightings.find((head) => head.caller !== undefined)?.caller;
  return {
    id: best.id,
    callee: best.callee,
    ...(caller === undefined ? {} : { caller }),
    method: best.request.method,
    path: best.request.path,
    ...statusOf(best),
    startedNs: best.startedNs,
    endedNs: endOf(best),
  };
}

function statusOf({ answer }: ExchangeHead): { status?: string } {
  if (answer.kind === "failure") return { status: answer.reason };
  return "status" in answer ? { status: String(answer.status) } : {};
}

/** What seems to have begun during another Step's own call of the trace is that one's, and not a late sighting of this one's. */
function isMadeDuring(inner: ExchangeHead, own: ExchangeHead, others: readonly Call[]): boolean {
  const prompt = { before: skewNs, after: skewNs };
  if (isDuring(inner, own, prompt)) return true;
  if (others.some(({ best }) => isDuring(inner, best, prompt))) return false;
  return isDuring(inner, own, { before: skewNs + lateOf(own), after: skewNs + lateOf(inner) });
}

function lateOf({ vantage }: ExchangeHead): bigint {
  return vantage === "mirror" || vantage === "ext-proc" ? lateNs : 0n;
}

/** Where the end of the outer call is not known (a mirror), what began after it counts. */
function isDuring(inner: ExchangeHead, outer: ExchangeHead, by: { before: bigint; after: bigint }): boolean {
  const outerEndedNs = outer.answerEndedNs;
  return (
    inner.startedNs >= outer.startedNs - by.before &&
    (outerEndedNs === undefined || inner.startedNs <= outerEndedNs + by.after)
  );
}

function endOf(head: ExchangeHead): bigint {
  return head.answerEndedNs ?? head.requestEndedNs ?? head.startedNs;
}

async function headsOf(tape: TapeReader): Promise<ExchangeHead[]> {
  const heads: ExchangeHead[] = [];
  for await (const head of tape.skim()) heads.push(head);
  return heads;
}
