import {
  type Call,
  type Coverage,
  coverageOf,
  type ExchangeHead,
  joinTimedCalls,
  learnRoutes,
  RouteLearner,
  type TapeReader,
  type TapeStats,
  type Timeline,
} from "../tape/index.js";
import { spanOf } from "./coverage-doubts.js";
import type { CallSelection } from "./options.js";
import { openPlanner, type PlanChoice } from "./plan.js";
import { boundsOf, untiedClocks } from "./plan-clocks.js";
import { chosenExchanges, selectsCalls } from "./selection.js";
import type { Plan } from "./step.js";

/** A plan, and what the whole tape taught beside it. */
export interface PlannedTape extends Plan {
  /** The route of a call, as `GET /reviews/{id}`. */
  routeOf: (method: string, path: string) => string;
  /** Of the whole tape as it was planned from: to add it up takes a walk of its own. */
  stats: TapeStats;
  /** Of the tape in the time of the planned calls. */
  coverage: Coverage;
  /** Hosts, with port where given, that the Steps' calls were made to; without what recorders forwarded to. */
  called: ReadonlySet<string>;
}

/**
 * Skims the tape, joins its Exchanges into calls and plans the selected ones. Calls are joined and routes learnt over
 * the whole tape, so a selection never changes what a call is. Where every Exchange is a call of its own, heads are let go
 * as they are read: memory holds the plan alone.
 */
export async function readPlan(tape: TapeReader, options: PlanChoice): Promise<PlannedTape> {
  const stats = await tape.stats();
  const plan = isEachACall(stats, options.selection)
    ? await planAlone(tape, options, stats)
    : await planJoined(tape, options);
  const coverage = coverageOf(await tape.ledger(), spanOf(plan));
  const upstreams = stats.recorders.flatMap(({ upstream }) => upstream ?? []);
  const called = plan.authorities;
  return { ...plan, stats, coverage, called, authorities: new Set([...called, ...upstreams]) };
}

type LearntPlan = Plan & Pick<PlannedTape, "routeOf">;

/**
 * Whether no two Exchanges can be sightings of one call: all were seen where a call is seen once. Who made each call is
 * asked only where the calls from outside, or of one user request, are chosen.
 */
function isEachACall({ byVantage }: TapeStats, { entry, trace }: CallSelection): boolean {
  const met = Object.entries(byVantage).filter(([, count]) => count > 0);
  if (met.length !== 1 || entry === true || trace !== undefined) return false;
  return met[0]![0] !== "mirror" && met[0]![0] !== "ext-proc";
}

async function planAlone(tape: TapeReader, options: PlanChoice, stats: TapeStats): Promise<LearntPlan> {
  const routes = new RouteLearner();
  const planner = openPlanner(options);
  const clocks = untiedClocks(stats.recorders.map(({ id }) => id.incarnation));
  const { service } = options.selection;
  const chosen = await chosenExchanges(tape, options.selection);
  let firstNs: bigint | undefined;
  const add = (head: ExchangeHead) => {
    routes.add(head.request.path);
    if ((service !== undefined && head.callee !== service) || !chosen(head)) return;
    firstNs ??= head.startedNs;
    planner.add(head, { startNs: Number(head.startedNs - firstNs), clock: clocks.indexOf(head.recorder.incarnation) });
  };
  for await (const turn of tape.skim().turns()) for (const head of turn) add(head);
  return { ...planner.finish(), ...clocks.bounds, routeOf: routes.routeOf() };
}

async function planJoined(tape: TapeReader, options: PlanChoice): Promise<LearntPlan> {
  const heads: ExchangeHead[] = [];
  for await (const turn of tape.skim().turns()) heads.push(...turn);
  const { calls, timeline } = joinTimedCalls(heads);
  const routeOf = learnRoutes(calls.map(({ best }) => best.request));
  const chosen = await chosenExchanges(tape, options.selection);
  const planner = openPlanner(options);
  const clocks = boundsOf(timeline);
  for (const { best, startNs } of byStart(calls.filter(selectsCalls(options.selection, chosen)), timeline)) {
    if (!planner.add(best, { startNs, clock: clocks.indexOf(best.recorder.incarnation) })) break;
  }
  return { ...planner.finish(), ...clocks.bounds, routeOf };
}

/** In the order their best sightings began on the common scale; ties in that of the tape. */
function byStart(calls: readonly Call[], timeline: Timeline): { best: ExchangeHead; startNs: number }[] {
  return calls
    .map(({ best }) => ({ best, startNs: timeline.momentsOf(best).startNs }))
    .sort((a, b) => a.startNs - b.startNs || inTapeOrder(a.best, b.best));
}

function inTapeOrder(a: ExchangeHead, b: ExchangeHead): number {
  if (a.startedNs !== b.startedNs) return a.startedNs < b.startedNs ? -1 : 1;
  const nameA = a.recorder.name + a.recorder.incarnation;
  const nameB = b.recorder.name + b.recorder.incarnation;
  if (nameA !== nameB) return nameA < nameB ? -1 : 1;
  return a.sequence - b.sequence;
}
