import type { Lane } from "../run.js";

/** What is known of a Run before its first Step is sent. */
export interface RunHeader {
  /** The run's id, as in `x-tapeloop-run`. */
  run: string;
  /** Version of tapeloop that made it. */
  tapeloop: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  tapePaths: readonly string[];
  /** Id of the redaction key of the tape, with which Outcomes were redacted too. */
  keyId: string;
  lanes: readonly Lane[];
}
