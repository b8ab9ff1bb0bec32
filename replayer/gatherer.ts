import type { FaultMark, MonotonicMs } from "../base/index.js";
import {
  type Answer,
  type Difference,
  type Exchange,
  type NotSentReason,
  type Outcome,
  type PairedHops,
  type RedactionKey,
  recordedLane,
  type SentRequest,
} from "../tape/index.js";
import type { Carry } from "./carry/index.js";
import { type Comparing, isSameAnswer } from "./compare/index.js";
import { compareStep } from "./compare-step.js";
import type { StepComparison } from "./divergences/collect.js";
import { faultFor } from "./faults/fault-plan.js";
import { fieldsAsked } from "./fields-asked.js";
import {
  countComparisons,
  countLiveness,
  countRoute,
  countStep,
  type Findings,
  nothingFound,
  type SentStep,
} from "./findings.js";
import type { FreshKeys } from "./fresh-keys.js";
import { type Contrast, contrastsOf } from "./lanes/contrasts.js";
import type { PlannedLane } from "./lanes/plan-lanes.js";
import { type Remembered, type RememberedStep, rememberDiffering } from "./lanes/remembered.js";
import type { ReplayEnv } from "./options.js";
import type { PlannedTape } from "./read-plan.js";
import type { ReadyStep } from "./read-steps.js";
import { type LiveRedaction, liveRedactor } from "./redact-live.js";
import { openRunLog } from "./run-log.js";
import { recordedOutcome, stepRecordOf } from "./step-record.js";
import { withTiming } from "./timing/with-timing.js";

/** Takes in what happened, Step by Step: redacts, compares, counts, and hands it to the run file. */
export interface Gatherer {
  readonly findings: Findings;
  /** What is held against what. */
  readonly contrasts: readonly Contrast[];
  /** The fault a Step met in a lane; told only where hops are compared. */
  faultMet(lane: string, step: number): FaultMark | undefined;
  /** Some of the Steps with Differences between lanes, with what was answered. */
  readonly remembered: Remembered;
  /** Absent answers are of lanes it was not sent to. */
  landed(step: SentStep): void;
  leaveOut(reason: NotSentReason): void;
  /** A remembered Step was sent again for a contrast: to its reference, to its lane, and to the reference once more. */
  again(at: number, step: RememberedStep, answers: readonly [Answer, Answer, Answer]): void;
  /** A comparison of a hop below a Step's own call. */
  addHop(comparison: StepComparison): void;
  /** Whether a Step's own answer differs; told only where hops are compared. */
  differed(step: number): boolean;
  /** The calls below a Step, side by side, for the run file. */
  addPairedHops(paired: PairedHops): void;
  /** Hands what is pending to the run file. */
  flush(): void;
}

/** What gathering stands on. */
export interface Gathering {
  env: Pick<ReplayEnv, "run" | "openHops" | "runId">;
  /** What live answers are redacted with, and whether the tape was redacted with it. */
  key: RedactionKey;
  sameKey: boolean;
  rulesOf?: LiveRedaction["rulesOf"];
  routeOf: PlannedTape["routeOf"];
  lanes: readonly PlannedLane[];
  /** State that follows the live session. */
  carry?: Carry | undefined;
  /** Absent where those of the tape were sent. */
  keys?: FreshKeys | undefined;
  /** The operator's rules and schemas. */
  comparing?: Comparing | undefined;
  /** How many are planned. */
  steps: number;
  /** What was sent for a Step. */
  requestOf: (exchange: Exchange, step: number) => SentRequest;
}

export function openGatherer(gathering: Gathering): Gatherer {
  const { env, key, sameKey, rulesOf, routeOf, lanes, steps, requestOf, carry, keys, comparing } = gathering;
  const contrasts = contrastsOf(lanes);
  const findings = nothingFound(lanes, contrasts, steps);
  const remembered = rememberDiffering();
  const log = openRunLog(env.run);
  const differing = new Set<number>();
  const redactLive = liveRedactor(key, rulesOf === undefined ? { sameKey } : { sameKey, rulesOf });
  const faults = openFaultMeter(lanes, findings, env.openHops !== undefined);
  const askedFields = fieldsAsked(lanes, { run: env.runId, requestOf, keys });
  let originMs: MonotonicMs | undefined;

  const liveIn = (lane: PlannedLane, answer: Answer, exchange: Exchange): Answer => {
    const live = redactLive(answer, exchange);
    return keys?.asRecorded(exchange, lane.name, live) ?? live;
  };

  const liveOf = ({ step, exchange, sent }: SentStep): (Answer | undefined)[] => {
    const live = sent.map((one, at) => one && liveIn(lanes[at]!, one.answer, exchange));
    return carry === undefined ? live : asRecorded(carry, { step: step.step, exchange, lanes, live });
  };

  const asLive = ({ step, exchange }: ReadyStep, lane: PlannedLane, answer: Answer): Answer => {
    const live = liveIn(lane, answer, exchange);
    return carry?.asRecorded(exchange, step.step, [lane.name], [live])[0] ?? live;
  };

  return {
    ...{ findings, contrasts, remembered },
    faultMet: faults.met,
    landed(landed) {
      originMs ??= landed.dueMs;
      const live = liveOf(landed);
      const record = stepRecordOf(landed, routeOf);
      const metFault = faults.take(landed);
      countStep(findings, landed, originMs);
      const outcomes = (repeated?: Answer) => outcomesOf({ landed, live, lanes, originMs: originMs!, repeated });
      // What was given up at an interrupt says nothing about the target.
      if (live.some(isGivenUp)) return log.step(record, outcomes());
      if (env.openHops !== undefined) findings.records.push(record);
      countLiveness(findings, landed);
      const { answer: recorded, redacted } = landed.exchange;
      const answers = { recorded, redacted: redacted.answer, lanes: live };
      const askedBy = (side: number | undefined) => askedFields(landed, side);
      const compared = compareStep(record, answers, {
        contrasts,
        sameKey,
        metFault,
        askedBy,
        own: comparing?.optionsFor(record, landed.exchange),
      });
      const comparisons = compared.map((one) => withTiming(one, landed, contrasts));
      if (comparisons.length === 0) return log.step(record, outcomes());
      countComparisons(findings, comparisons, landed, originMs);
      const differences = differencesOf(comparisons);
      if (differences.length === 0) return log.step(record, outcomes(recorded));
      remembered.add(landed, record, live);
      const asOnTape = recorded.kind === "unknown" ? [] : [recordedOutcome(record, recorded)];
      log.step(record, [...outcomes(), ...asOnTape]);
      // With keys that no lane was sent: who sends it by hand is not answered from a store.
      const byHand = keys?.drawn(landed.exchange, record.step, "") ?? landed.exchange;
      log.differing(record, requestOf(byHand, record.step), differences);
      if (env.openHops !== undefined) differing.add(record.step);
    },
    leaveOut(reason) {
      findings.notSent.set(reason, (findings.notSent.get(reason) ?? 0) + 1);
    },
    again(at, { exchange, record, live, step }, answers) {
      findings.resent += answers.length;
      const { lane, reference = lane } = contrasts[at]!;
      const sides = [reference, lane, reference];
      const read = answers.map((answer, side) => asLive({ step, exchange }, lanes[sides[side]!]!, answer));
      const askedBy = (side: number | undefined) =>
        askedFields({ step, exchange }, side === undefined ? undefined : sides[side % sides.length]);
      const toldApart = { sameKey, metFault: () => true, askedBy };
      const own = { recorded: exchange.answer, redacted: exchange.redacted.answer };
      const ofRules = { own: comparing?.optionsFor(record, exchange) };
      const [found] = compareStep(
        record,
        { ...own, lanes: read },
        { ...toldApart, ...ofRules, contrasts: againContrasts },
      );
      // The reference's first answer beside its second.
      const moved = compareStep(
        record,
        { ...own, lanes: [live[reference], read[0]] },
        { ...toldApart, ...ofRules, contrasts: movedContrasts },
      );
      if (found !== undefined) findings.divergences.addAgain({ ...found, contrast: at }, moved[0]?.candidate);
    },
    differed: (step) => differing.has(step),
    addPairedHops: (paired) => env.run.pairedHops([paired]),
    addHop(comparison) {
      if ((comparison.contrast ?? 0) === findings.main.at) countRoute(findings, comparison);
      findings.divergences.add(comparison);
      if (comparison.candidate.length > 0) log.hop(comparison.step, comparison, comparison.candidate);
    },
    flush: () => log.flush(),
  };
}

const versionContrast: Contrast = {
  ...{ at: 0, lane: 1, reference: 0, effect: "version", control: undefined },
  names: { lane: "", reference: "" },
};
/** Of a Step that was sent again: the lane against the reference, and the reference against itself. */
const againContrasts = [
  { ...versionContrast, control: { lane: 2, reference: 0, names: versionContrast.names } },
] as const;
const movedContrasts = [versionContrast] as const;

/** Live answers as they would read had they produced the recorded values; absent ones stay so. */
function asRecorded(
  carry: Carry,
  {
    step,
    exchange,
    lanes,
    live,
  }: Pick<SentStep, "exchange"> & {
    step: number;
    lanes: readonly PlannedLane[];
    live: readonly (Answer | undefined)[];
  },
): (Answer | undefined)[] {
  const at = live.flatMap((answer, lane) => (answer === undefined ? [] : [{ answer, lane }]));
  const answered = carry.asRecorded(
    exchange,
    step,
    at.map(({ lane }) => lanes[lane]!.name),
    at.map(({ answer }) => answer),
  );
  const found: (Answer | undefined)[] = live.map(() => undefined);
  for (const [index, { lane }] of at.entries()) found[lane] = answered[index];
  return found;
}

/** Which Steps met which fault. */
interface FaultMeter {
  /** Counts the faults of a Step, and tells in which lanes it met one. */
  take(step: SentStep): (lane: number) => boolean;
  met(lane: string, step: number): FaultMark | undefined;
}

const nowhere = () => false;

/** `remember`: `met` will be asked. */
function openFaultMeter(lanes: readonly PlannedLane[], { divergences }: Findings, remember: boolean): FaultMeter {
  const plans = new Set(lanes.flatMap(({ plan }) => (plan === undefined ? [] : [plan])));
  const known = new Map<string, Map<number, FaultMark>>([...plans].map(({ file }) => [file, new Map()]));
  const planOf = new Map(lanes.map(({ name, faults = "" }) => [name, faults]));
  return {
    take({ step, exchange }) {
      if (plans.size === 0) return nowhere;
      const met = new Set<string>();
      for (const plan of plans) {
        const fault = faultFor(exchange, plan);
        if (fault === undefined) continue;
        met.add(plan.file);
        if (remember) known.get(plan.file)!.set(step.step, fault);
        divergences.addFault(step.step, plan.file, fault.name);
      }
      return (lane) => met.has(lanes[lane]!.faults ?? "");
    },
    met: (lane, step) => known.get(planOf.get(lane) ?? "")?.get(step),
  };
}

/** Of all contrasts, each once. */
function differencesOf(comparisons: readonly StepComparison[]): readonly Difference[] {
  const [first, ...more] = comparisons.filter(({ candidate }) => candidate.length > 0);
  if (first === undefined || more.length === 0) return first?.candidate ?? [];
  const known = new Set<string>();
  return [first, ...more].flatMap(({ candidate }) =>
    candidate.filter(({ place, kind }) => {
      const key = `${kind} ${place}`;
      return !known.has(key) && known.add(key);
    }),
  );
}

interface ToldOutcomes {
  landed: SentStep;
  live: readonly (Answer | undefined)[];
  lanes: readonly PlannedLane[];
  originMs: MonotonicMs;
  /** The recorded Answer where an Answer that is the same as its reference's is to be named so: as that, or as the first lane's. */
  repeated?: Answer | undefined;
}

function outcomesOf({ landed, live, lanes, originMs, repeated }: ToldOutcomes): Outcome[] {
  const { step, sent, dueMs } = landed;
  let outcomes: Outcome[] = [];
  let first: { answer: Answer; lane: string } | undefined;
  for (let at = 0; at < sent.length; at++) {
    const one = sent[at];
    if (one === undefined) continue;
    const lane = lanes[at]!.name;
    const answer = live[at]!;
    const reference = first ?? { answer: repeated ?? answer, lane: recordedLane };
    const outcome: Outcome = {
      step: step.step,
      lane,
      answer: repeated === undefined ? answer : orSame(answer, reference),
      dueMs: dueMs - originMs,
      sentMs: one.sentMs - originMs,
      answeredMs: one.answeredMs - originMs,
    };
    first ??= { answer, lane };
    outcomes = outcomes.length === 0 ? [outcome] : [...outcomes, outcome];
  }
  return outcomes;
}

function orSame(answer: Answer, reference: { answer: Answer; lane: string }): Outcome["answer"] {
  if (answer.kind !== "response" || !isSameAnswer(reference.answer, answer)) return answer;
  return { kind: "same", as: reference.lane, status: answer.status };
}

function isGivenUp(answer: Answer | undefined): boolean {
  if (answer === undefined) return false;
  if (answer.kind === "failure") return answer.reason === "aborted";
  return answer.kind === "response" && answer.end === "client-aborted";
}
