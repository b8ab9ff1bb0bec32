import type { Body } from "../message/index.js";
import type { CapturedPart } from "./captured.js";
import type { Answer, AnswerEnd, FailureReason, Frame, RequestEnd } from "./exchange.js";

/*
 * The words of the tape as small integers, in batches and in segments: a word's code is its index here. New words are
 * added at the end; none is ever moved or taken out. `vantages` and `protocols` (exchange.ts) are used the same way.
 */
export const partKinds: readonly CapturedPart["part"][] = ["call", "request", "answer", "status"];
export const requestEnds: readonly RequestEnd[] = ["complete", "aborted", "open"];
export const answerKinds: readonly Answer["kind"][] = ["unknown", "response", "failure", "status-only"];
export const answerEnds: readonly AnswerEnd[] = [
  "complete",
  "reset",
  "client-aborted",
  "timed-out",
  "open",
  "broken-off",
];
export const failureReasons: readonly FailureReason[] = [
  "refused",
  "reset",
  "timed-out",
  "unresolved-host",
  "tls",
  "protocol",
  "aborted",
];
export const bodyKinds: readonly Body["kind"][] = ["empty", "whole", "cut", "unredactable"];
export const frameDirections: readonly Frame["direction"][] = ["to-server", "to-client"];
export const frameKinds: readonly Frame["kind"][] = [
  "text",
  "binary",
  "ping",
  "pong",
  "close",
  "message",
  "event",
  "chunk",
];

/** The word of a code; a code that no version known here has written means damage. */
export function wordOf<T>(words: readonly T[], code: number): T {
  const word = words[code];
  if (word === undefined) throw new RangeError(`code ${code} is not one of ${words.join(", ")}`);
  return word;
}
