import { answerEnds, answerKinds, failureReasons, requestEnds, wordOf } from "../codes.js";
import { type ExchangeHead, protocols, vantages } from "../exchange.js";
import type { Alike } from "../store.js";
import type { Shape } from "./block/shape.js";

/** What the Exchanges of a shape have in common, as a selection looks at it. Throws a RangeError for unknown codes. */
export function alikeOf(shape: Shape): Alike {
  const head: ExchangeHead = {
    id: 0,
    recorder: { name: "", incarnation: "" },
    sequence: 0,
    vantage: wordOf(vantages, shape.vantage),
    callee: shape.callee ?? "",
    origin: {},
    trace: {},
    request: {
      method: shape.method ?? "",
      scheme: shape.scheme ?? "",
      authority: shape.authority ?? "",
      path: "",
      protocol: wordOf(protocols, shape.protocol),
      end: wordOf(requestEnds, shape.requestEnd),
      bodyKind: "empty",
      bodyBytes: 0,
    },
    answer: answerOf(shape),
    startedNs: 0n,
    frameCount: 0,
    redacted: { request: [], answer: [] },
  };
  if (shape.caller !== null) head.caller = shape.caller;
  return { head, pathStart: shape.pathStart ?? undefined, isMixed: shape.method === null };
}

function answerOf({ answerKind, answerStatus, answerEnd }: Shape): ExchangeHead["answer"] {
  const kind = wordOf(answerKinds, answerKind);
  const status = answerStatus ?? 0;
  if (kind === "failure") return { kind, reason: wordOf(failureReasons, answerEnd ?? -1), afterMs: 0 };
  if (kind === "response") {
    return { kind, status, end: wordOf(answerEnds, answerEnd ?? -1), bodyKind: "empty", bodyBytes: 0 };
  }
  return kind === "status-only" ? { kind, status } : { kind };
}
