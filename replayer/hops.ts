import type { Difference, Exchange, StepRecord, TapeReader } from "../tape/index.js";
import { learnRoutes } from "../tape/index.js";
import { type CompareOptions, compareAnswers } from "./compare/index.js";
import type { HopRoute, StepComparison } from "./divergences.js";
import { type CallPair, pairCalls } from "./hops-pairing.js";
import { callsOfRecordedSteps, callsOfReplayedSteps, type HopCall, type HopCalls } from "./hops-reading.js";

/** A Step as far as the calls below it need it. */
export type HopStep = Pick<StepRecord, "step" | "exchangeId" | "callee" | "route" | "method" | "path">;

/** What the comparison below the entry reads. */
export interface HopSources {
  /** Id of the run, as its requests carried it (`x-tapeloop-run`). */
  run: string;
  /** Those that every lane has answered, in order. */
  steps: readonly HopStep[];
  /** The tape that was replayed: its hops are what the recording knew. */
  recorded: TapeReader;
  /** What recorders inside the target saw of the replay (`--record-replays`). */
  replayed: TapeReader;
  /** Names of the lanes, as in `x-tapeloop-lane`. */
  candidate: string;
  baseline?: string;
  /** Told once of each service that was seen on one side only, and so cannot be compared. */
  warn?: (warning: string) => void;
}

/** The calls of one side of a comparison, and the tape their answers are read from. */
interface Side {
  name: string;
  calls: HopCalls;
  tape: TapeReader;
}

/**
 * Compares the calls below each Step, service by service, where recorders stood inside the target: baseline lane →
 * candidate lane with recording → baseline as the control, or recording → candidate without a baseline. One
 * StepComparison per Step, hop and route, with what it was called under; the Step's own call is left out.
 *
 * Calls of both lanes are paired by callee, method and path (else route), in order of time; one without a partner is a
 * `missing-call` or `added-call`, unless it was made below another such. A service is compared only where both sides
 * have seen it in some Step: one without a recorder says nothing. Memory holds the heads of both tapes, and the answers
 * of one Step at a time.
 */
export async function* compareHops(sources: HopSources): AsyncGenerator<StepComparison> {
  const { steps, recorded, replayed, candidate, baseline, warn = () => {} } = sources;
  const recording: Side = { name: "recording", calls: await callsOfRecordedSteps(recorded, steps), tape: recorded };
  const lanes = await callsOfReplayedSteps(replayed, sources);
  const sideOf = (lane: string): Side => ({ name: `${lane} lane`, calls: lanes.get(lane)!, tape: replayed });
  const routeOf = learnRoutes(requestsOf([recording.calls, ...lanes.values()]));

  const reference = baseline === undefined ? recording : sideOf(baseline);
  const tested = comparison(reference, sideOf(candidate), routeOf, warn);
  const control = baseline === undefined ? undefined : comparison(recording, reference, routeOf, () => {});
  for (const step of steps) {
    const found = await tested.compare(step);
    const controls = await control?.compare(step);
    yield* combined(step, found, controls, (hop) => control?.callees.has(hop) === true);
  }
}

/** What two sides of one Step had at one hop and route. */
interface RouteComparison extends HopRoute {
  above: HopRoute[];
  differences: Difference[];
}

/** Two sides, ready to be compared Step by Step. */
interface Comparison {
  /** Services seen on both sides: the ones compared. */
  callees: ReadonlySet<string>;
  /** By hop and route; undefined where one side's calls of this Step are not known. */
  compare(step: HopStep): Promise<Map<string, RouteComparison> | undefined>;
}

function comparison(
  expected: Side,
  actual: Side,
  routeOf: (method: string, path: string) => string,
  warn: (warning: string) => void,
): Comparison {
  const callees = new Set([...expected.calls.callees].filter((callee) => actual.calls.callees.has(callee)));
  warnOfOneSided(expected, actual, warn);
  const isShared = ({ callee }: HopCall) => callees.has(callee);
  return {
    callees,
    async compare(step) {
      const left = expected.calls.below(step.step)?.filter(isShared);
      const right = actual.calls.below(step.step)?.filter(isShared);
      if (left === undefined || right === undefined) return undefined;
      const found = new Map<string, RouteComparison>();
      for (const pair of pairCalls(left, right, routeOf)) {
        const call = (pair.expected ?? pair.actual)!;
        const at = routeIn(found, { hop: call.callee, route: routeOf(call.method, call.path) }, step);
        for (const above of pair.above) addAbove(at, { hop: above.callee, route: routeOf(above.method, above.path) });
        at.differences.push(...(await differencesOf(pair, expected.tape, actual.tape)));
      }
      return found;
    },
  };
}

async function differencesOf(pair: CallPair, from: TapeReader, to: TapeReader): Promise<Difference[]> {
  const { expected, actual } = pair;
  if (expected !== undefined && actual !== undefined) {
    const [left, right] = await Promise.all([from.find(expected.id), to.find(actual.id)]);
    if (left === undefined || right === undefined) return [];
    return compareAnswers(left.answer, right.answer, optionsFor(left, right, from.keyId === to.keyId));
  }
  if (expected !== undefined)
    return [{ kind: "missing-call", place: "hop", severity: "high", expected: line(expected) }];
  return [{ kind: "added-call", place: "hop", severity: "medium", actual: line(actual!) }];
}

function optionsFor(left: Exchange, right: Exchange, sameKey: boolean): CompareOptions {
  if (sameKey) return {};
  const redactedByClass = new Set([...left.redacted.answer, ...right.redacted.answer]);
  return { redactedByClass, hashesUnrelated: true };
}

function line({ method, path }: HopCall): string {
  return `${method} ${path}`;
}

/** Candidate and control of each hop and route, side by side. A service no side called here did not differ here. */
function* combined(
  { step, exchangeId }: HopStep,
  found: Map<string, RouteComparison> | undefined,
  controls: Map<string, RouteComparison> | undefined,
  isControlled: (hop: string) => boolean,
): Generator<StepComparison> {
  if (found === undefined) return;
  for (const key of new Set([...found.keys(), ...(controls?.keys() ?? [])])) {
    const { hop, route, above } = (found.get(key) ?? controls?.get(key))!;
    const own = { step, exchangeId, hop, route, candidate: found.get(key)?.differences ?? [], above };
    const known = controls !== undefined && isControlled(hop);
    yield known ? { ...own, control: controls.get(key)?.differences ?? [] } : own;
  }
}

function routeIn(found: Map<string, RouteComparison>, at: HopRoute, step: HopStep): RouteComparison {
  const key = JSON.stringify([at.hop, at.route]);
  let known = found.get(key);
  if (known === undefined) {
    known = { ...at, above: [{ hop: step.callee, route: step.route }], differences: [] };
    found.set(key, known);
  }
  return known;
}

function addAbove(at: RouteComparison, above: HopRoute): void {
  const known = at.above.some(({ hop, route }) => hop === above.hop && route === above.route);
  if (!known && !(above.hop === at.hop && above.route === at.route)) at.above.push(above);
}

function warnOfOneSided(expected: Side, actual: Side, warn: (warning: string) => void): void {
  for (const [side, other] of [
    [expected, actual],
    [actual, expected],
  ] as const) {
    const missing = [...side.calls.callees].filter((callee) => !other.calls.callees.has(callee));
    if (missing.length === 0) continue;
    const [names, are] = [missing.join(", "), missing.length === 1 ? "was" : "were"];
    warn(
      `hops: ${names} ${are} seen in the ${side.name} and never in the ${other.name}: not compared there (no recorder, or no longer called)`,
    );
  }
}

function* requestsOf(sides: readonly HopCalls[]): Generator<{ method: string; path: string; grpc?: boolean }> {
  for (const { all } of sides) yield* all();
}
