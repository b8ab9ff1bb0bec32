import type { Difference } from "../../tape/index.js";

/** How long one call took on two sides, and where the reference was asked again, that. Milliseconds. */
export interface Took {
  reference: number;
  lane: number;
  again?: number | undefined;
}

/** Differences of time alone: they are counted, and not kept Step by Step, for machines are never quite even. */
export interface Timing {
  candidate: readonly Difference[];
  /** What was slow though nothing was changed. */
  control: readonly Difference[];
}

/** By so much, and by half again, a call must take longer to be called slower: what a person may notice, and a scheduler seldom makes. */
const noticeableMs = 40;
const noticeableShare = 1.5;

/**
 * Whether one call was slower than the other. What says that the machine was uneven is the control: the same reference
 * slower or faster when asked again, or slower than what it is compared with. Undefined when all took about as long.
 */
export function compareTimes({ reference, lane, again }: Took): Timing | undefined {
  const candidate = slower(reference, lane);
  const uneven = [
    ...slower(lane, reference),
    ...(again === undefined ? [] : [...slower(reference, again), ...slower(again, reference)]),
  ].slice(0, 1);
  // Unevenness that is small beside what is looked at does not explain it.
  const isSmall = candidate.length > 0 && again !== undefined && Math.abs(again - reference) * 2 < lane - reference;
  const control = isSmall ? [] : uneven;
  return candidate.length + control.length === 0 ? undefined : { candidate, control };
}

/** Whether how long two Answers took can be held against each other: an error, or an early end, takes its own time. */
export function isOfOneSort(differences: readonly Difference[]): boolean {
  return !differences.some(({ kind }) => kind === "status" || kind === "failure" || kind === "answer-end");
}

function slower(expectedMs: number, actualMs: number): Difference[] {
  if (actualMs < expectedMs * noticeableShare + noticeableMs) return [];
  const sides = { expected: inWords(expectedMs), actual: inWords(actualMs) };
  return [{ kind: "slower", place: "timing", severity: "medium", ...sides }];
}

function inWords(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
