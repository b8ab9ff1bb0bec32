import { type Clock, OperatorError } from "../base/index.js";
import { type Exchange, type ExchangeHead, type TapeReader, walkOfTurns } from "../tape/index.js";
import type { ReplayEnv, ReplayOptions } from "./options.js";
import { openPlanner } from "./plan.js";
import type { StepSource } from "./read-steps.js";
import { chosenExchanges } from "./selection.js";
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
  /** Grows while the tape is followed. */
  plan: Pick<Plan, "steps" | "notSent">;
}

/** How often it is looked for more. */
const everyMs = 200;
/** A call is on the tape when it is over: those that began before it are waited for so long, by the tape's own time. */
const settleNs = 1_000_000_000n;
/** A call that took longer than this, and was stored later than all that began after it, is not looked for. */
const lookBackNs = 120_000_000_000n;

/**
 * What can be sent of a tape while it is written, until its recorders have ended or the signal is raised. Every Exchange is a
 * call here. A call that took longer than a second may come after calls that began later: it is ordered as if it had begun
 * when it came. Holds the calls of about a second.
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
  const arrivals = new Arrivals();
  for (let isOver = false; !isOver && !signal?.aborted; ) {
    const tape = await reopen();
    try {
      // Asked first: what a recorder wrote before it ended is on the tape then.
      isOver = (await tape.stats()).recorders.every(({ stoppedNs }) => stoppedNs !== undefined);
      const chosen = await chosenExchanges(tape, selection);
      const wanted = (head: ExchangeHead) =>
        (selection.service === undefined || head.callee === selection.service) && chosen(head);
      for await (const exchange of tape.read({ ...arrivals.since, where: (head) => arrivals.isNew(head, wanted) })) {
        arrivals.add(exchange);
      }
    } finally {
      await tape.close();
    }
    yield plannedOf(arrivals.take(isOver), plans);
    if (!isOver) await clock.sleepUntil(clock.now() + everyMs, signal);
  }
}

/** Planned as they are taken. */
function* plannedOf(arrived: readonly Arrival[], plans: (head: ExchangeHead) => boolean): Generator<Exchange> {
  for (const { head, exchange } of arrived) if (plans(head)) yield exchange;
}

interface Arrival {
  head: ExchangeHead;
  exchange: Exchange;
}

/** What has come and is not taken yet, and what was met before. */
class Arrivals {
  #waiting: Arrival[] = [];
  readonly #heads = new Map<number, ExchangeHead>();
  /** Ids met, with their start: forgotten when they are no longer looked for. */
  readonly #met = new Map<number, bigint>();
  #newestNs: bigint | undefined;

  get since(): { fromNs?: bigint } {
    return this.#newestNs === undefined ? {} : { fromNs: this.#newestNs - lookBackNs };
  }

  isNew(head: ExchangeHead, wanted: (head: ExchangeHead) => boolean): boolean {
    if (this.#met.has(head.id) || !isOver(head)) return false;
    this.#met.set(head.id, head.startedNs);
    if (this.#newestNs === undefined || head.startedNs > this.#newestNs) this.#newestNs = head.startedNs;
    if (!wanted(head)) return false;
    this.#heads.set(head.id, head);
    return true;
  }

  add(exchange: Exchange): void {
    this.#waiting.push({ head: this.#heads.get(exchange.id)!, exchange });
    this.#heads.delete(exchange.id);
  }

  /** In order of their start: those that nothing which is still going on is likely to come before, or all. */
  take(all: boolean): Arrival[] {
    const newestNs = this.#newestNs;
    if (newestNs === undefined) return [];
    for (const [id, startedNs] of this.#met) if (startedNs < newestNs - lookBackNs) this.#met.delete(id);
    const isDue = ({ startedNs }: ExchangeHead) => all || startedNs <= newestNs - settleNs;
    const due = this.#waiting.filter(({ head }) => isDue(head));
    this.#waiting = this.#waiting.filter(({ head }) => !isDue(head));
    return due.sort((a, b) => (a.head.startedNs < b.head.startedNs ? -1 : a.head.startedNs > b.head.startedNs ? 1 : 0));
  }
}

/** A call whose answer is still coming is looked at again; of a copy no answer comes. */
function isOver({ request, answer, vantage }: ExchangeHead): boolean {
  if (request.end === "open") return false;
  if (answer.kind === "unknown") return vantage === "mirror";
  return answer.kind !== "response" || answer.end !== "open";
}
