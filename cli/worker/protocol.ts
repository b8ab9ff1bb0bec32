import type { Preflight, Progress, TargetChoice } from "../../replayer/index.js";
import type { ReplaySettings } from "../replay.js";

/** What a worker is asked to do. Files it names lie in the worker's folders by then. */
export interface RunRequest {
  run: string;
  /** Version of who asks: both sides must be the same, for this is no format that is kept. */
  tapeloop: string;
  settings: ReplaySettings;
  /** Variables that credentials are read from; no others. */
  env: Readonly<Record<string, string>>;
  byAuthority: NonNullable<TargetChoice["byAuthority"]>;
  /** As the operator gave them, for the report. */
  tapePaths: readonly string[];
  /** Tell what is known before the first Step. */
  wantsPreflight: boolean;
  /** After the last Step, ask for what recorders inside the targets saw. */
  hasHops: boolean;
}

/** What a worker tells while it runs, one JSON object a line. */
export type WorkerEvent =
  | { kind: "preflight"; preflight: Preflight }
  | { kind: "progress"; progress: Progress }
  /** A line for the operator. */
  | { kind: "said"; text: string }
  /** All is sent; what recorders saw is to be brought, and `POST /hops` to say that it is there. */
  | { kind: "hops" }
  /** Nothing new: shows that it lives. */
  | { kind: "alive" }
  /** The run file is complete. */
  | { kind: "over" }
  /** The operator's mistake, in one line. */
  | { kind: "refused"; words: string; exitCode: 2 | 3 | 130 }
  /** Ours. */
  | { kind: "broke"; words: string };

/** What `POST /hops` says. */
export type HopsAnswer = { files: readonly string[] } | { failed: string };

/** Which of a worker's folders a file goes to: `secrets` is held in memory. */
export type WorkerFolder = "work" | "secrets";

/** Name of the run file in the worker's folder. */
export const runFileName = "run.db";
/** A worker that nobody is connected to for so long ends: who started it is gone. */
export const aloneMs = 60_000;
/** So often at least a run says something. */
export const aliveMs = 5_000;
