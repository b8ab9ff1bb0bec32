import {
  type Call,
  type Coverage,
  coverageOf,
  type ExchangeHead,
  joinCalls,
  learnRoutes,
  type TapeReader,
  type TapeStats,
} from "../tape/index.js";
import { spanOf } from "./coverage-doubts.js";
import type { CallSelection, ReplayOptions } from "./options.js";
import { planSteps } from "./plan.js";
import type { Plan } from "./step.js";

/** A plan, and what the whole tape taught beside it. */
export interface PlannedTape extends Plan {
  /** The route of a call, as `GET /reviews/{id}`. */
  routeOf: (method: string, path: string) => string;
  /** Of the whole tape as it was planned from: to add it up takes a walk of its own. */
  stats: TapeStats;
  /** Of the tape in the time of the planned calls. */
  coverage: Coverage;
}

/**
 * Skims the tape, joins its Exchanges into calls and plans the selected ones. Calls are joined and routes learnt over
 * the whole tape, so a selection never changes what a call is.
 */
export async function readPlan(tape: TapeReader, options: ReplayOptions): Promise<PlannedTape> {
  const heads: ExchangeHead[] = [];
  for await (const head of tape.skim()) heads.push(head);
  const calls = joinCalls(heads);
  const routeOf = learnRoutes(calls.map(({ best }) => best.request));
  const chosen = await chosenExchanges(tape, options.selection);
  const plan = planSteps(selectCalls(calls, options.selection, chosen), options);
  const stats = await tape.stats();
  const coverage = coverageOf(await tape.ledger(), spanOf(plan));
  const upstreams = stats.recorders.flatMap(({ upstream }) => upstream ?? []);
  return { ...plan, routeOf, stats, coverage, authorities: new Set([...plan.authorities, ...upstreams]) };
}

/** A call is selected when one of its sightings is. In tape order of the best sightings. */
function selectCalls(
  calls: readonly Call[],
  selection: CallSelection,
  chosen: (head: ExchangeHead) => boolean,
): Call[] {
  return calls
    .filter((call) => selection.entry !== true || call.entry)
    .filter((call) => selection.service === undefined || call.best.callee === selection.service)
    .filter((call) => call.sightings.some(chosen))
    .sort((a, b) => inTapeOrder(a.best, b.best));
}

async function chosenExchanges(tape: TapeReader, selection: CallSelection): Promise<(head: ExchangeHead) => boolean> {
  const { whereWhole, where, fromNs, toNs } = selection;
  const ids = selection.ids === undefined ? undefined : new Set(selection.ids);
  const byHead = (head: ExchangeHead) =>
    (ids === undefined || ids.has(head.id)) &&
    (fromNs === undefined || head.startedNs >= fromNs) &&
    (toNs === undefined || head.startedNs < toNs) &&
    (where === undefined || where(head));
  if (whereWhole === undefined) return byHead;
  const whole = new Set<number>();
  for await (const { id } of tape.read({ where: byHead, whereWhole })) whole.add(id);
  return (head) => whole.has(head.id);
}

function inTapeOrder(a: ExchangeHead, b: ExchangeHead): number {
  if (a.startedNs !== b.startedNs) return a.startedNs < b.startedNs ? -1 : 1;
  const nameA = a.recorder.name + a.recorder.incarnation;
  const nameB = b.recorder.name + b.recorder.incarnation;
  if (nameA !== nameB) return nameA < nameB ? -1 : 1;
  return a.sequence - b.sequence;
}
