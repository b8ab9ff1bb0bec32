/** Lanes one after the other: the whole tape goes to each in turn. */
export interface LaneSequence {
  /** Between two lanes, and never before the first: puts the state of the targets back. Rejects to end the run. */
  reset?: (next: string) => Promise<void>;
}
