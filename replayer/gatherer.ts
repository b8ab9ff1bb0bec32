import type { MonotonicMs } from "../base/index.js";
import {
  type Answer,
  type Exchange,
  type NotSentReason,
  type Outcome,
  type RedactionKey,
  recordedLane,
  type SentRequest,
} from "../tape/index.js";
import { isSameAnswer } from "./compare/index.js";
import { compareStep, type StepAnswers } from "./compare-step.js";
import type { StepComparison } from "./divergences.js";
import { countComparison, countLiveness, countRoute, countStep, type Findings, nothingFound } from "./findings.js";
import type { LandedStep } from "./flight.js";
import type { OpenLane } from "./lanes.js";
import type { ReplayEnv } from "./options.js";
import type { PlannedTape } from "./read-plan.js";
import { type LiveRedaction, liveRedactor } from "./redact-live.js";
import { openRunLog } from "./run-log.js";
import { recordedOutcome, stepRecordOf } from "./step-record.js";

/** Takes in what happened, Step by Step: redacts, compares, counts, and hands it to the run file. */
export interface Gatherer {
  readonly findings: Findings;
  landed(step: LandedStep): void;
  leaveOut(reason: NotSentReason): void;
  /** A comparison of a hop below a Step's own call. */
  addHop(comparison: StepComparison): void;
  /** Hands what is pending to the run file. */
  flush(): void;
}

/** What gathering stands on. */
export interface Gathering {
  env: Pick<ReplayEnv, "run" | "openHops">;
  /** What live answers are redacted with, and whether the tape was redacted with it. */
  key: RedactionKey;
  sameKey: boolean;
  rulesOf?: LiveRedaction["rulesOf"];
  routeOf: PlannedTape["routeOf"];
  lanes: readonly OpenLane[];
  /** How many are planned. */
  steps: number;
  /** What was sent for a Step. */
  requestOf: (exchange: Exchange, step: number) => SentRequest;
}

export function openGatherer({ env, key, sameKey, rulesOf, routeOf, lanes, steps, requestOf }: Gathering): Gatherer {
  const findings = nothingFound(lanes, steps);
  const log = openRunLog(env.run);
  const redactLive = liveRedactor(key, rulesOf === undefined ? { sameKey } : { sameKey, rulesOf });
  let originMs: MonotonicMs | undefined;

  return {
    findings,
    landed(landed) {
      originMs ??= landed.dueMs;
      const live = landed.sent.map(({ answer }) => redactLive(answer, landed.exchange));
      const record = stepRecordOf(landed, routeOf);
      countStep(findings, landed, originMs);
      const outcomes = () => outcomesOf(landed, live, lanes, originMs!);
      // What was given up at an interrupt says nothing about the target.
      if (live.some(isGivenUp)) return log.step(record, outcomes());
      if (env.openHops !== undefined) findings.records.push(record);
      countLiveness(findings, landed);
      const answers = answersOf(landed, live);
      const comparison = compareStep(record, answers, { sameKey });
      if (comparison === undefined) return log.step(record, outcomes());
      countComparison(findings, comparison, landed, originMs);
      if (comparison.candidate.length === 0) {
        log.step(record, withoutRepeats(outcomes(), answers.recorded));
        return;
      }
      const recorded = answers.recorded.kind === "unknown" ? [] : [recordedOutcome(record, answers.recorded)];
      log.step(record, [...outcomes(), ...recorded]);
      log.differing(record, requestOf(landed.exchange, record.step), comparison.candidate);
    },
    leaveOut(reason) {
      findings.notSent.set(reason, (findings.notSent.get(reason) ?? 0) + 1);
    },
    addHop(comparison) {
      countRoute(findings, comparison);
      findings.divergences.add(comparison);
      if (comparison.candidate.length > 0) log.hop(comparison.step, comparison.hop, comparison.candidate);
    },
    flush: () => log.flush(),
  };
}

interface LiveOutcome extends Outcome {
  answer: Answer;
}

function outcomesOf(
  { step, sent, dueMs }: LandedStep,
  live: readonly Answer[],
  lanes: readonly OpenLane[],
  originMs: MonotonicMs,
): LiveOutcome[] {
  return sent.map(({ sentMs, answeredMs }, at) => ({
    step: step.step,
    lane: lanes[at]!.name,
    answer: live[at]!,
    dueMs: dueMs - originMs,
    sentMs: sentMs - originMs,
    answeredMs: answeredMs - originMs,
  }));
}

/** Each Answer that is the same as its reference's is named so instead: the recorded one, or the first lane's. */
function withoutRepeats(outcomes: readonly LiveOutcome[], recorded: Answer): Outcome[] {
  return outcomes.map((outcome, at) => {
    const reference = at === 0 ? recorded : outcomes[0]!.answer;
    const { answer } = outcome;
    if (answer.kind !== "response" || !isSameAnswer(reference, answer)) return outcome;
    const as = at === 0 ? recordedLane : outcomes[0]!.lane;
    return { ...outcome, answer: { kind: "same", as, status: answer.status } };
  });
}

/** With two lanes the first is the baseline. */
function answersOf({ exchange }: LandedStep, live: readonly Answer[]): StepAnswers {
  const own = { recorded: exchange.answer, redacted: exchange.redacted.answer, candidate: live.at(-1)! };
  return live.length > 1 ? { ...own, baseline: live[0]! } : own;
}

function isGivenUp(answer: Answer): boolean {
  if (answer.kind === "failure") return answer.reason === "aborted";
  return answer.kind === "response" && answer.end === "client-aborted";
}
