/** Where an experiment stands. The conclusion is reached once, and everything is put back after it. */
export type State = "Pending" | "Steady" | "Running" | Conclusion | "PutBack";
export type Conclusion = "Passed" | "Failed" | "Inconclusive";

/** What moves an experiment on. */
export type Turn =
  /** All is planned; it is looked whether all is well before anything is changed. */
  | { kind: "planned" }
  /** All was well for as long as was asked. */
  | { kind: "was-steady" }
  /** A threshold that ends the run tripped, or one that only fails it did so before the end. */
  | { kind: "tripped"; why: string }
  /** Something cannot be known: a threshold gives no reading, the system was not steady, somebody interrupted. */
  | { kind: "cannot-know"; why: string }
  /** The replay is over and nothing spoke against it. */
  | { kind: "held" }
  /** All that was changed is as it was, or could not be put back. */
  | { kind: "put-back" };

/** A state with the reasons of its conclusion. */
export interface Standing {
  state: State;
  conclusion?: Conclusion;
  reasons: readonly string[];
}

export const pending: Standing = { state: "Pending", reasons: [] };

/**
 * The next standing. Pure. Before faults are on nothing can fail: what is unwell then says nothing of the experiment, so it
 * is inconclusive. A conclusion stays; what is found to be unknown after it makes only a pass doubtful. Turns that do not
 * belong to a state leave it as it is.
 */
export function next(standing: Standing, turn: Turn): Standing {
  const { state, conclusion, reasons } = standing;
  switch (turn.kind) {
    case "planned":
      return state === "Pending" ? { state: "Steady", reasons } : standing;
    case "was-steady":
      return state === "Steady" ? { state: "Running", reasons } : standing;
    case "put-back":
      return conclusion === undefined ? standing : { ...standing, state: "PutBack" };
    case "held":
      return state === "Running" ? concluded(standing, "Passed", []) : standing;
    case "tripped":
      if (state === "Running") return concluded(standing, "Failed", [turn.why]);
      if (conclusion === "Failed") return { ...standing, reasons: [...reasons, turn.why] };
      return conclusion === undefined ? concluded(standing, "Inconclusive", [turn.why]) : standing;
    case "cannot-know":
      if (conclusion === undefined) return concluded(standing, "Inconclusive", [turn.why]);
      if (conclusion === "Passed") return { state: "Inconclusive", conclusion: "Inconclusive", reasons: [turn.why] };
      return { ...standing, reasons: [...reasons, turn.why] };
  }
}

function concluded(standing: Standing, conclusion: Conclusion, reasons: readonly string[]): Standing {
  return { ...standing, state: conclusion, conclusion, reasons: [...standing.reasons, ...reasons] };
}
