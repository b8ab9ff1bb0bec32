import type { Call } from "../calls.js";

/** A call within the tree of one user request, under the call it was made by. */
export interface Hop {
  call: Call;
  join: Join;
  /** In order of their start. */
  children: Hop[];
}

/** How a call came to its place in a tree. */
export type Join =
  /** From outside of what was recorded: a root that is where it belongs. */
  | { kind: "entry"; reason: EntryReason }
  /** Made by the call above it: what says so leaves no other call of the tape. */
  | { kind: "exact"; reason: ParentReason }
  /** Most likely made by the call above it. */
  | { kind: "inferred"; reason: ParentReason }
  /** Made by some call that was recorded, or lost, and nothing says by which: a root that is none. */
  | { kind: "orphan"; reason: OrphanReason };
export type JoinKind = Join["kind"];

export type EntryReason =
  /** Its caller was never called itself. */
  | { kind: "caller-not-called"; caller: string }
  /** Nothing says who called, and no call of its trace was around it. */
  | { kind: "no-caller" };

export type ParentReason =
  /** It names the span of the call above as its parent's. */
  | { kind: "parent-span" }
  /** Trace and span of the call above were copied. */
  | { kind: "same-span" }
  /** The only call to its caller in this trace. */
  | { kind: "only-call"; caller: string }
  /** The only call of this trace that could have made it; nothing says who answered that one, or who made this one. */
  | { kind: "only-other" }
  /**
   * Of this trace, and in time within the call above; of several such the innermost. `assumed`: no call ties the clocks of
   * the two recorders, so they were taken to be right.
   */
  | { kind: "inside"; assumed: boolean }
  /** No identifier in common: the only call to its caller that was open all the while. */
  | { kind: "only-open"; caller: string }
  /** Several calls could be meant: a value of the call above is in it, and in no other of these. */
  | { kind: "value"; place: string }
  /** As said, but calls were lost at that time. */
  | { kind: "losses"; but: ParentReason }
  /** As said, but the sightings of one of the two may be of several calls. */
  | { kind: "doubtful"; but: ParentReason }
  /** As said, but no recorder stood before the callee of the call above: others may have called it unseen. */
  | { kind: "seen-on-its-way"; but: ParentReason };

export type OrphanReason =
  /** So many calls could have made it: of its own trace, or going by the time. */
  | { kind: "several"; candidates: number; within: "trace" | "time" }
  /** Its caller was called, and no such call was open at that time. */
  | { kind: "none-open"; caller: string }
  /** The only call that could have made it shares nothing with it but the time. */
  | { kind: "nothing-shared"; caller: string };

/** Why a call is where it is, as a sentence without its capital and its full stop. */
export function reasonInWords({ reason }: Pick<Join, "reason">): string {
  switch (reason.kind) {
    case "caller-not-called":
      return `called by ${reason.caller}, of which no call is recorded`;
    case "no-caller":
      return "nothing says who called, and no recorded call of its trace was around it";
    case "parent-span":
      return "its parent span is that of the call above";
    case "same-span":
      return "it carries trace and span of the call above";
    case "only-call":
      return `same trace, and the only call to ${reason.caller} in it`;
    case "only-other":
      return "same trace, and no other call of it could have made it";
    case "inside":
      return `same trace, and in time within the call above${reason.assumed ? ", if the recorders' clocks are right" : ""}`;
    case "only-open":
      return `no identifier in common; the only call to ${reason.caller} that was open all the while`;
    case "value":
      return `the call above has its ${reason.place}, and no other that could be meant`;
    case "losses":
      return `${reasonInWords({ reason: reason.but })}; but calls were lost at that time`;
    case "doubtful":
      return `${reasonInWords({ reason: reason.but })}; but what was seen of the two may be of more calls`;
    case "seen-on-its-way":
      return `${reasonInWords({ reason: reason.but })}; but no recorder stood there to see all of them`;
    case "several":
      return `${reason.candidates} calls ${reason.within === "trace" ? "of its trace" : "at that time"} could have made it, and nothing says which`;
    case "none-open":
      return `called by ${reason.caller}, and no call to it that could have made this one is recorded`;
    case "nothing-shared":
      return `no identifier in common with the call to ${reason.caller} at that time, and no value either`;
  }
}
