/** What a threshold's source gave at one moment. */
export type Reading =
  /** Of several, the one that says most against it; `of` names it. */
  | { kind: "value"; value: number; trips: boolean; of?: string }
  /** It should have given a value and did not: nothing can be known from it. */
  | { kind: "unknown"; why: string }
  /** It cannot say yet: too few answers, a window that is not full. */
  | { kind: "early"; why: string };

/** How a threshold stands. Tripped and unknown are for good. */
export type Standing =
  | { kind: "well" }
  /** It would trip, but has not been so for long enough. */
  | { kind: "near"; sinceMs: number }
  | { kind: "tripped"; atMs: number; value: number; of?: string }
  | { kind: "unknown"; atMs: number; why: string }
  /** There was no reading yet. */
  | { kind: "unread"; why: string };
