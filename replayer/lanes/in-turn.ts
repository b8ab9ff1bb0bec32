import { OperatorError } from "../../base/index.js";
import { bodyBytes } from "../../message/index.js";
import { type SentStep, wentOf } from "../findings.js";
import type { Gatherer } from "../gatherer.js";
import type { Sent } from "../send/index.js";
import { type Sending, type SentSteps, sendSteps } from "../send-steps.js";
import { WentTable } from "../went.js";

/** All lanes in step, or, where that is asked for, the whole tape to each in turn, in the lanes' order. */
export async function sendToLanes(sending: Sending): Promise<SentSteps> {
  const { sequence } = sending.options;
  const { lanes, gatherer, plan } = sending;
  if (sequence === undefined || lanes.length === 1) return sendSteps(sending);
  const held = new HeldAnswers();
  for (const [at, lane] of lanes.entries()) {
    if (at > 0) await sequence.reset?.(lane.name);
    const isLast = at === lanes.length - 1;
    const went = new WentTable(plan.steps.length);
    const turn = isLast ? lastTurn(gatherer, held, at) : earlierTurn(gatherer, held, { lane: at, went });
    const sent = await sendSteps({ ...sending, lanes: [lane], gatherer: turn });
    if (isLast || sent.interrupted) return sent;
    gatherer.findings.earlierTurns.push({ went, ...(sent.keys === undefined ? {} : { keys: sent.keys }) });
  }
  throw new Error("a run has lanes");
}

/** Holds back what the lanes before the last answered: compared it is when all have. */
function earlierTurn(
  gatherer: Gatherer,
  held: HeldAnswers,
  { lane, went }: { lane: number; went: WentTable },
): Gatherer {
  return {
    ...gatherer,
    landed(step) {
      went.set(step.step.step, wentOf(step));
      held.add(step, lane);
    },
    // Counted in the last turn, where the same is left out.
    leaveOut: () => {},
  };
}

function lastTurn(gatherer: Gatherer, held: HeldAnswers, lane: number): Gatherer {
  return {
    ...gatherer,
    landed: (step) => gatherer.landed({ ...step, sent: [...held.take(step, lane), ...step.sent], went: wentOf(step) }),
  };
}

/** All answers of the lanes before the last are held in memory: so many bytes of bodies, and a run of more is refused. */
const mostHeldBytes = 512 * 2 ** 20;

/** Answers of earlier turns, by Step and lane. */
class HeldAnswers {
  readonly #held = new Map<number, (Sent & { dueMs: number })[]>();
  #bytes = 0;

  add({ step, sent: [one], dueMs }: SentStep, lane: number): void {
    if (one === undefined) return;
    if (one.answer.kind === "response") this.#bytes += bodyBytes(one.answer.body);
    if (this.#bytes > mostHeldBytes)
      throw new OperatorError(
        "--lanes sequential: the answers of the lanes before the last take more than 512 MiB; choose fewer calls with --limit or --where, or send to all lanes in step",
      );
    const ofStep = this.#held.get(step.step) ?? [];
    ofStep[lane] = { ...one, dueMs };
    this.#held.set(step.step, ofStep);
  }

  /** One for each lane before `lane`, times counted from when this Step is due now: what is told of them is how late and how long. */
  take({ step, dueMs }: SentStep, lane: number): (Sent | undefined)[] {
    const ofStep = this.#held.get(step.step) ?? [];
    this.#held.delete(step.step);
    return Array.from({ length: lane }, (_, at) => ofStep[at] && shifted(ofStep[at], dueMs - ofStep[at].dueMs));
  }
}

function shifted({ answer, sentMs, writtenMs, answeredMs }: Sent, byMs: number): Sent {
  return { answer, sentMs: sentMs + byMs, writtenMs: writtenMs + byMs, answeredMs: answeredMs + byMs };
}
