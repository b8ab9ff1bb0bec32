import { type Clock, defined, OperatorError } from "../base/index.js";
import { type Exchange, type ExchangeHead, type TapeReader, walkOfTurns } from "../tape/index.js";
import { type Arrival, Arrivals } from "./arrivals.js";
import type { ReplayEnv, ReplayOptions } from "./options.js";
import { openPlanner } from "./plan.js";
import type { StepSource } from "./read-steps.js";
import { chosenByHead } from "./selection.js";
import type { Plan, Step } from "./step.js";

type FollowedTape = Pick<TapeReader, "stats" | "read" | "close">;

/** What following a tape stands on. */
export interface Following {
  clock: Clock;
  /** Opens the tape anew: segments that began since the last time are seen then. */
  reopen: () => Promise<FollowedTape>;
  signal?: AbortSignal | undefined;
}

/** The Steps of a tape that is still being written, planned as they come. */
export interface FollowedSteps extends StepSource {
  /** Grows while the tape is followed; at an interrupt by all that is on the tape and was not sent. */
  plan: Pick<Plan, "steps" | "notSent">;
}

/** How often it is looked for more. */
const everyMs = 200;

/**
 * What can be sent of a tape while it is written, until its recorders have ended or the signal is raised. Every Exchange is a
 * call here. A call that took longer than a second may come after calls that began later: it is ordered as if it had begun
 * when it came. Holds the calls of about a second. What an interrupt leaves over is planned, and not given out.
 */
export function followSteps(options: ReplayOptions, following: Following): FollowedSteps {
  const planner = openPlanner({ ...options, skipRedacted: true });
  const { steps, ...plan } = planner.finish();
  const planned = new Map<number, Step>();
  let lastNs = 0;
  let first: bigint | undefined;

  const plans = (head: ExchangeHead): boolean => {
    first ??= head.startedNs;
    lastNs = Math.max(lastNs, Number(head.startedNs - first));
    const at = steps.length;
    planner.add(head, { startNs: lastNs, clock: 0 });
    if (steps.length === at) return false;
    planned.set(head.id, steps.at(at)!);
    return true;
  };
  return {
    plan: { steps, notSent: plan.notSent },
    exchanges: walkOfTurns(() => comingExchanges(options, following, plans)),
    stepOf(exchange) {
      const step = planned.get(exchange.id)!;
      planned.delete(exchange.id);
      return step;
    },
  };
}

/** Undefined unless asked for. Throws an OperatorError where what is chosen cannot be told without all of the tape. */
export function followWhereAsked(options: ReplayOptions, env: ReplayEnv): FollowedSteps | undefined {
  if (options.follow !== true) return undefined;
  const { entry, trace, repeat } = options.selection;
  if (options.sequence !== undefined) {
    throw new OperatorError("cannot replay with --follow one lane after the other: the tape has no end yet");
  }
  if (options.carry?.rules !== undefined || (options.carry?.credentials.length ?? 0) > 0) {
    throw new OperatorError(
      "cannot replay with --follow and --links or --credential: what requests need is learnt from the whole tape; give live values with --header",
    );
  }
  const flag = entry ? "--entry" : trace !== undefined ? "--trace" : repeat !== undefined ? "--repeat" : undefined;
  if (flag !== undefined) {
    throw new OperatorError(
      `cannot replay with --follow and ${flag}: that needs the whole tape; choose with --service, --where or --from`,
    );
  }
  const { clock, signal, tape, reopen = () => Promise.resolve(withoutClose(tape)) } = env;
  return followSteps(options, { clock, reopen, signal });
}

/** The tape as it was opened shows what comes to its open segments. */
function withoutClose(tape: TapeReader): FollowedTape {
  return { stats: () => tape.stats(), read: (which) => tape.read(which), close: () => Promise.resolve() };
}

async function* comingExchanges(
  { selection }: ReplayOptions,
  { clock, reopen, signal }: Following,
  plans: (head: ExchangeHead) => boolean,
): AsyncGenerator<Iterable<Exchange>> {
  const { service, whereWhole } = selection;
  const chosen = chosenByHead(selection);
  const wanted = (head: ExchangeHead) => (service === undefined || head.callee === service) && chosen(head);
  const arrivals = new Arrivals();
  /** Takes in what is new; true when nothing more comes. */
  const look = async (isLast: boolean): Promise<boolean> => {
    const tape = await reopen();
    try {
      // Asked first: what a recorder wrote before it ended is on the tape then.
      const isOver = isLast || (await tape.stats()).recorders.every(({ stoppedNs }) => stoppedNs !== undefined);
      const where = (head: ExchangeHead) => arrivals.isNew(head, isOver) && arrivals.expect(head, wanted);
      const coming = tape.read(defined({ fromNs: arrivals.sinceNs, where, whereWhole }));
      for await (const exchange of coming) arrivals.add(exchange, clock.now());
      return isOver;
    } finally {
      await tape.close();
    }
  };
  try {
    for (let isOver = false; !isOver && !signal?.aborted; ) {
      isOver = await look(false);
      yield plannedOf(isOver ? arrivals.takeAll() : arrivals.takeDue(clock.now()), plans);
      if (!isOver) await clock.sleepUntil(clock.now() + everyMs, signal);
    }
  } finally {
    // Planned and not given out: so the run tells what the interrupt kept from being sent.
    if (signal?.aborted) {
      await look(true);
      for (const { head } of arrivals.takeAll()) plans(head);
    }
  }
}

/** Planned as they are taken. */
function* plannedOf(arrived: Iterable<Arrival>, plans: (head: ExchangeHead) => boolean): Generator<Exchange> {
  for (const { head, exchange } of arrived) if (plans(head)) yield exchange;
}
