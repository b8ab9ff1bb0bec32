import { type Answer, type Outcome, recordedLane, type StepRecord } from "../tape/index.js";
import type { ReadyStep } from "./read-steps.js";
import { recordedMs } from "./step.js";

/** What the run file keeps of a Step. */
export function stepRecordOf(
  { step, exchange }: ReadyStep,
  routeOf: (method: string, path: string) => string,
): StepRecord {
  const { method, path, protocol } = exchange.request;
  const record: StepRecord = {
    step: step.step,
    exchangeId: step.exchangeId,
    callee: exchange.callee,
    route: routeOf(method, path),
    method,
    path,
    protocol,
    recordedAtMs: step.startedNs / 1e6,
  };
  const tookMs = recordedMs(step);
  if (tookMs !== undefined) record.recordedMs = tookMs;
  if (step.recordedStatus !== undefined) record.recordedStatus = step.recordedStatus;
  return record;
}

/** The recorded Answer as an Outcome beside the lanes' ones, for reports without the tape; its times are the recorded ones. */
export function recordedOutcome(record: StepRecord, answer: Answer): Outcome {
  const { step, recordedAtMs } = record;
  const answeredMs = recordedAtMs + (record.recordedMs ?? 0);
  return { step, lane: recordedLane, answer, dueMs: recordedAtMs, sentMs: recordedAtMs, answeredMs };
}
