import { bodyBytes } from "../../message/index.js";
import type { Answer, Exchange, StepRecord } from "../../tape/index.js";
import type { ReadyStep } from "../read-steps.js";

/** A Step whose lanes differed, as it was. */
export interface RememberedStep extends ReadyStep {
  record: StepRecord;
  /** In the lanes' order, redacted; undefined where it was not sent. */
  live: readonly (Answer | undefined)[];
}

/** Some Steps with Differences, kept to be sent again. */
export interface Remembered {
  add(ready: ReadyStep, record: StepRecord, live: readonly (Answer | undefined)[]): void;
  of(step: number): RememberedStep | undefined;
}

/** Of each route so many, none with more than so much of bodies, and all together: what is kept is bounded. */
const mostOfRoute = 20;
const mostStepBytes = 128 * 1024;
const mostBytes = 32 * 2 ** 20;
/** What a Step takes beside its bodies: fields, mostly. */
const stepBytes = 4096;

/** Keeps the first of each route. */
export function rememberDiffering(): Remembered {
  const kept = new Map<number, RememberedStep>();
  const ofRoute = new Map<string, number>();
  let keptBytes = 0;
  return {
    add({ step, exchange }, record, live) {
      const count = ofRoute.get(record.route) ?? 0;
      const bytes = bytesOf(exchange, live);
      if (count >= mostOfRoute || bytes > mostStepBytes || keptBytes + bytes > mostBytes) return;
      keptBytes += bytes;
      ofRoute.set(record.route, count + 1);
      kept.set(record.step, { step, exchange, record, live });
    },
    of: (step) => kept.get(step),
  };
}

function bytesOf({ request, answer }: Exchange, live: readonly (Answer | undefined)[]): number {
  let bytes = stepBytes + bodyBytes(request.body);
  for (const one of [answer, ...live]) if (one?.kind === "response") bytes += bodyBytes(one.body);
  return bytes;
}
