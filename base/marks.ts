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

/** The members our marks take in a `baggage` header (W3C Baggage, section 3.2). */
export function baggageFor(mark: ReplayMark): string {
  return `tapeloop.run=${mark.run},tapeloop.step=${mark.step},tapeloop.lane=${mark.lane}`;
}
