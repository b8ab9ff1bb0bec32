/**
 * When a recorder can know a field at the earliest: with the request's head, at the end of the request, with the answer's
 * head, at the end of the call. `on-tape`: only what has been stored has it.
 */
export type KnownFrom = "request-head" | "request-end" | "answer-head" | "call-end" | "on-tape";

/** How far a call has come, and what may be looked at. */
export interface Moment {
  requestEnded: boolean;
  answerStarted: boolean;
  ended: boolean;
  /** Bodies and regular expressions, too: both may take long, so they are looked at where nobody waits. */
  deep: boolean;
}

/** A request's head has come. */
export const atStart: Moment = { requestEnded: false, answerStarted: false, ended: false, deep: false };
/** All has come; who is asked must not take long. */
export const atEnd: Moment = { requestEnded: true, answerStarted: true, ended: true, deep: false };
/** All has come and there is time. */
export const inDepth: Moment = { ...atEnd, deep: true };

/** Whether a field that is known from then on is known now. */
export function isKnown(from: KnownFrom, now: Moment): boolean {
  switch (from) {
    case "request-head":
      return true;
    case "request-end":
      return now.requestEnded || now.ended;
    case "answer-head":
      return now.answerStarted || now.ended;
    case "call-end":
    case "on-tape":
      return now.ended;
  }
}
