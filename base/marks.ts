/**
 * The marks that a replayed request carries, agreed by recorder, replayer, lab and mesh. They are ignored in
 * comparison. Header names are lower case.
 */
export const replayMarks = {
  run: "x-tapeloop-run",
  step: "x-tapeloop-step",
  lane: "x-tapeloop-lane",
} as const;

/** The identity of a replayed request. */
export interface ReplayMark {
  run: string;
  step: string;
  lane: string;
}

/**
 * A request that is to meet a fault: what injects it matches the mark. The mark is the first eight digits of
 * `x-request-id`, which most services pass on, and the name the `baggage` member `tapeloop.fault`.
 */
export interface FaultMark {
  name: string;
  /** Eight lower-case hex digits. */
  mark: string;
}

/** A request id that carries a mark. */
export function markedRequestId(requestId: string, { mark }: FaultMark): string {
  return mark + requestId.slice(mark.length);
}

/** The member it takes in a `baggage` header. */
export function faultBaggage({ name }: FaultMark): string {
  return `tapeloop.fault=${name}`;
}

/** The members our marks take in a `baggage` header (W3C Baggage, section 3.2). */
export function baggageFor(mark: ReplayMark): string {
  return `tapeloop.run=${mark.run},tapeloop.step=${mark.step},tapeloop.lane=${mark.lane}`;
}
