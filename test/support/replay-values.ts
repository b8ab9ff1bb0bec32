import { certifyOrder } from "../../replayer/certificate.js";
import type { Step } from "../../replayer/step.js";
import { type Went, WentTable } from "../../replayer/went.js";
import type { ExchangeHead, OrderCertificate } from "../../tape/index.js";

/** A Step from its recorded start and end in milliseconds; without an end it holds nobody back. */
export function stepAt(index: number, startMs: number, endMs?: number, changes: Partial<Step> = {}): Step {
  const step: Step = { step: index, exchangeId: index + 1, startedNs: startMs * 1e6, open: false, ...changes };
  return endMs === undefined ? step : { ...step, endedNs: endMs * 1e6 };
}

/** What happened to a Step: recorded [start, end] and lived [sent, answered], in milliseconds. */
export function wentAt(
  [startMs, endMs]: readonly [number, number | undefined],
  [sentMs, answeredMs]: readonly [number, number],
  changes: Partial<Went> = {},
): Went {
  const went: Went = { startedNs: startMs * 1e6, open: false, sentMs, writtenMs: sentMs, answeredMs, ...changes };
  return endMs === undefined ? went : { ...went, endedNs: endMs * 1e6 };
}

/** The certificate of a run whose Steps went so, in tape order. */
export function certified(order: OrderCertificate["order"], went: readonly Went[]): OrderCertificate {
  const table = new WentTable(went.length);
  for (const [step, one] of went.entries()) table.set(step, one);
  return certifyOrder(order, table);
}

/** A recorded `GET /reviews/1` that was answered 200; `changes` go over it. */
export function head(
  changes: Partial<Omit<ExchangeHead, "request">> & { request?: Partial<ExchangeHead["request"]> } = {},
): ExchangeHead {
  return {
    id: 1,
    recorder: { name: "r", incarnation: "0123456789abcdef" },
    sequence: 1,
    vantage: "inbound",
    callee: "reviews",
    origin: {},
    trace: {},
    answer: { kind: "response", status: 200, end: "complete", bodyKind: "empty", bodyBytes: 0 },
    startedNs: 1_000_000_000n,
    answerEndedNs: 1_010_000_000n,
    redacted: { request: [], answer: [] },
    frameCount: 0,
    ...changes,
    request: {
      method: "GET",
      scheme: "http",
      authority: "reviews:9080",
      path: "/reviews/1",
      protocol: "http/1.1",
      end: "complete",
      bodyKind: "empty",
      bodyBytes: 0,
      ...changes.request,
    },
  };
}
