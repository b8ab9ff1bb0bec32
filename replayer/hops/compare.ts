import type { Difference, Exchange, PairedHops, StepRecord, TapeReader } from "../../tape/index.js";
import { learnRoutes, recordedLane } from "../../tape/index.js";
import {
  type CompareOptions,
  type Comparing,
  compareAsked,
  type RequestFields,
  requestFields,
} from "../compare/index.js";
import type { HopRoute, StepComparison } from "../divergences/collect.js";
import { compareTimes, isOfOneSort } from "../timing/compare-times.js";
import { type ComparedPair, pairedHopsOf } from "./paired.js";
import { type CallPair, pairCalls } from "./pairing.js";
import { callsOfRecordedSteps, callsOfReplayedSteps, type HopCall, type HopCalls } from "./reading.js";
import { compareRequests } from "./requests.js";

/** A Step as far as the calls below it need it. */
export type HopStep = Pick<StepRecord, "step" | "exchangeId" | "callee" | "route" | "method" | "path">;

/** Names of two sides: lanes as in `x-tapeloop-lane`, or `recorded`. */
export interface HopSides {
  lane: string;
  reference: string;
}

/** Two sides to be compared, and what tells noise. */
export interface HopContrast extends HopSides {
  /** Index among those of the run. */
  at: number;
  control?: HopSides | undefined;
  /** Whether the Step is to be compared; each is unless said. */
  isFor?: (step: number) => boolean;
}

/** What the comparison below the entry reads. */
export interface HopSources {
  /** Id of the run, as its requests carried it (`x-tapeloop-run`). */
  run: string;
  /** Those that the lanes have answered, in order. */
  steps: readonly HopStep[];
  /** The tape that was replayed: its hops are what the recording knew. */
  recorded: TapeReader;
  /** What recorders inside the target saw of the replay (`--record-replays`). */
  replayed: TapeReader;
  contrasts: readonly HopContrast[];
  /** The request id of a Step in a lane, where a fault's mark changed it. */
  requestIdOf?: (lane: string, step: number, requestId: string) => string;
  /** Whether something differs at the entry of a Step, so that its calls are told of also where they are all alike. */
  differsAtEntry?: (step: number) => boolean;
  /** Told of the calls below a Step, side by side, where something differs. */
  onPaired?: (paired: PairedHops) => void;
  /** Told once of each service that was seen on one side only, and so cannot be compared. */
  warn?: (warning: string) => void;
  /** The operator's rules and schemas. */
  comparing?: Comparing;
}

/** The calls of one side of a comparison, and the tape their answers are read from. */
interface Side {
  name: string;
  calls: HopCalls;
  tape: TapeReader;
}

/**
 * Compares the calls below each Step, service by service, where recorders stood inside the targets: what each contrast of
 * the run holds against each other, with its control. One StepComparison per Step, contrast, hop and route, with what it
 * was called under; the Step's own call is left out.
 *
 * Calls of both sides are paired by callee, method and path (else route), in order of time; one without a partner is a
 * `missing-call` or `added-call`, unless it was made below another such. A service is compared only where both sides
 * have seen it in some Step: one without a recorder says nothing. Memory holds the heads of both tapes, and the answers
 * of one Step at a time.
 */
export async function* compareHops(sources: HopSources): AsyncGenerator<StepComparison> {
  const { steps, contrasts, warn = () => {} } = sources;
  const sides = await openSides(sources);
  const routeOf = learnRoutes(requestsOf([...sides.values()].map(({ calls }) => calls)));
  const pairs = contrasts.map(({ at, lane, reference, control: of, isFor = () => true }) => {
    const { comparing } = sources;
    const control =
      of && comparison(sides.get(of.reference)!, sides.get(of.lane)!, { routeOf, comparing, isControlled: () => true });
    const isControlled = (hop: string) => control?.callees.has(hop) === true;
    return {
      // The recording may come from another machine: its times are no measure.
      ...{ at, lane, reference, isFor, isTimed: [reference, of?.reference].every((name) => name !== recordedLane) },
      ...{ control, isControlled },
      tested: comparison(sides.get(reference)!, sides.get(lane)!, { routeOf, comparing, isControlled, warn }),
    };
  });
  for (const step of steps) {
    for (const { at, lane, reference, isFor, tested, control, isControlled, isTimed } of pairs) {
      if (!isFor(step.step)) continue;
      const found = await tested.compare(step, (compared) => {
        if (compared.some(({ differs }) => differs) || sources.differsAtEntry?.(step.step))
          sources.onPaired?.(pairedHopsOf({ step: step.step, lane, reference }, compared, routeOf));
      });
      const controls = await control?.compare(step);
      for (const one of combined(step, found, controls, { isControlled, isTimed })) {
        yield at === 0 ? one : { ...one, contrast: at };
      }
    }
  }
}

/** The recording and the lanes, by name. */
async function openSides(sources: HopSources): Promise<Map<string, Side>> {
  const { recorded, replayed, steps, contrasts } = sources;
  const named = contrasts.flatMap(({ lane, reference, control }) => [
    ...[lane, reference],
    ...(control === undefined ? [] : [control.lane, control.reference]),
  ]);
  const lanes = [...new Set(named)].filter((name) => name !== recordedLane);
  const calls = await callsOfReplayedSteps(replayed, { ...sources, lanes });
  const sides = lanes.map((name): [string, Side] => [
    name,
    { name: `${name} lane`, calls: calls.get(name)!, tape: replayed },
  ]);
  if (!named.includes(recordedLane)) return new Map(sides);
  const recording = { name: "recording", calls: await callsOfRecordedSteps(recorded, steps), tape: recorded };
  return new Map([[recordedLane, recording], ...sides]);
}

/** What two sides of one Step had at one hop and route. */
interface RouteComparison extends HopRoute {
  above: HopRoute[];
  differences: Difference[];
  /** In all calls that both sides made and answered alike: milliseconds. */
  took: { expected: number; actual: number };
}

/** Two sides, ready to be compared Step by Step. */
interface Comparison {
  /** Services seen on both sides: the ones compared. */
  callees: ReadonlySet<string>;
  /** By hop and route; undefined where one side's calls of this Step are not known. */
  compare(
    step: HopStep,
    tell?: (compared: readonly ComparedPair[]) => void,
  ): Promise<Map<string, RouteComparison> | undefined>;
}

/** What both sides are compared by. */
interface ComparingHops {
  routeOf: (method: string, path: string) => string;
  /** Whether a control was seen at this service, so that it is known what changes each time. */
  isControlled: (hop: string) => boolean;
  warn?: (warning: string) => void;
  comparing?: Comparing | undefined;
}

function comparison(
  expected: Side,
  actual: Side,
  { routeOf, isControlled, comparing, warn = () => {} }: ComparingHops,
): Comparison {
  const callees = new Set([...expected.calls.callees].filter((callee) => actual.calls.callees.has(callee)));
  warnOfOneSided(expected, actual, warn);
  const isShared = ({ callee }: HopCall) => callees.has(callee);
  return {
    callees,
    async compare(step, tell) {
      const left = expected.calls.below(step.step)?.filter(isShared);
      const right = actual.calls.below(step.step)?.filter(isShared);
      if (left === undefined || right === undefined) return undefined;
      const found = new Map<string, RouteComparison>();
      const compared: ComparedPair[] = [];
      const isAlone = aloneAmong(left, right, routeOf);
      for (const pair of pairCalls(left, right, routeOf)) {
        const call = (pair.expected ?? pair.actual)!;
        const at = routeIn(found, { hop: call.callee, route: routeOf(call.method, call.path) }, step);
        for (const above of pair.above) addAbove(at, { hop: above.callee, route: routeOf(above.method, above.path) });
        const differences = await differencesOf(pair, expected.tape, actual.tape, {
          ownOf: (exchange) =>
            comparing?.optionsFor({ callee: call.callee, route: at.route, method: call.method }, exchange),
          ...{ isControlled: isControlled(call.callee), isAlone: isAlone(call) },
        });
        at.differences.push(...differences);
        compared.push({ pair, differs: differences.length > 0 });
        if (isOfOneSort(differences)) addTimes(at, pair);
      }
      tell?.(compared);
      return found;
    },
  };
}

/** Of several calls of one route which is whose partner may be chance: their requests cannot be held against each other. */
function aloneAmong(
  left: readonly HopCall[],
  right: readonly HopCall[],
  routeOf: (method: string, path: string) => string,
): (call: HopCall) => boolean {
  const keyOf = ({ callee, method, path }: HopCall) => JSON.stringify([callee, routeOf(method, path)]);
  const counts = [left, right].map((calls) => {
    const times = new Map<string, number>();
    for (const call of calls) times.set(keyOf(call), (times.get(keyOf(call)) ?? 0) + 1);
    return times;
  });
  return (call) => counts.every((times) => times.get(keyOf(call)) === 1);
}

interface PairOptions {
  ownOf: (exchange: Exchange) => Pick<CompareOptions, "rules" | "grpc"> | undefined;
  isControlled: boolean;
  /** The only call of its route on both sides. */
  isAlone: boolean;
}

/** In what two calls were answered otherwise; where in nothing, what was asked otherwise. */
async function differencesOf(
  pair: CallPair,
  from: TapeReader,
  to: TapeReader,
  { ownOf, isControlled, isAlone }: PairOptions,
): Promise<Difference[]> {
  const { expected, actual } = pair;
  if (expected !== undefined && actual !== undefined) {
    const [left, right] = await Promise.all([from.find(expected.id), to.find(actual.id)]);
    if (left === undefined || right === undefined) return [];
    const asked = () => ({ expected: fieldsOf(left), actual: fieldsOf(right) });
    const sameKey = from.keyId === to.keyId;
    const own = ownOf(left);
    const answered = compareAsked(left.answer, right.answer, asked, { ...optionsFor(left, right, sameKey), ...own });
    if (answered.length > 0 || !isAlone) return answered;
    return compareRequests(left, right, { sameKey, isControlled, rules: own?.rules });
  }
  if (expected !== undefined)
    return [{ kind: "missing-call", place: "hop", severity: "high", expected: line(expected) }];
  return [{ kind: "added-call", place: "hop", severity: "medium", actual: line(actual!) }];
}

function addTimes({ took }: RouteComparison, { expected, actual }: CallPair): void {
  if (expected === undefined || actual === undefined) return;
  took.expected += tookMs(expected);
  took.actual += tookMs(actual);
}

function tookMs({ startedNs, endedNs }: HopCall): number {
  return Number(endedNs - startedNs) / 1e6;
}

function fieldsOf({ request }: Exchange): RequestFields {
  return requestFields(request.headers, request.authority);
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
  { isControlled, isTimed }: { isControlled: (hop: string) => boolean; isTimed: boolean },
): Generator<StepComparison> {
  if (found === undefined) return;
  for (const key of new Set([...found.keys(), ...(controls?.keys() ?? [])])) {
    const { hop, route, above } = (found.get(key) ?? controls?.get(key))!;
    const timing = isTimed ? timingOf(found.get(key), controls?.get(key)) : {};
    const own = { step, exchangeId, hop, route, candidate: found.get(key)?.differences ?? [], above, ...timing };
    const known = controls !== undefined && isControlled(hop);
    yield known ? { ...own, control: controls.get(key)?.differences ?? [] } : own;
  }
}

function timingOf(
  found: RouteComparison | undefined,
  controls: RouteComparison | undefined,
): Pick<StepComparison, "timing"> {
  if (found === undefined) return {};
  const { expected: reference, actual: lane } = found.took;
  const timing = compareTimes({ reference, lane, again: controls?.took.actual });
  return timing === undefined ? {} : { timing };
}

function routeIn(found: Map<string, RouteComparison>, at: HopRoute, step: HopStep): RouteComparison {
  const key = JSON.stringify([at.hop, at.route]);
  let known = found.get(key);
  if (known === undefined) {
    const took = { expected: 0, actual: 0 };
    known = { ...at, above: [{ hop: step.callee, route: step.route }], differences: [], took };
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
