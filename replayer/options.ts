import type { Clock } from "../base/index.js";
import type { HeaderField } from "../message/index.js";
import type { RedactionKey, RunWriter, Selection, TapeReader } from "../tape/index.js";
import type { OrderName } from "./order/index.js";
import type { Pace } from "./pace.js";

/** Which calls of the tape, all conditions together. */
export interface CallSelection extends Pick<Selection, "ids" | "where" | "whereWhole" | "fromNs" | "toNs"> {
  /** Calls from outside alone. */
  entry?: boolean;
  /** What this service received. */
  service?: string;
  /** No more Steps than this. */
  limit?: number;
  /** As the operator wrote it, for the report. */
  text: string;
}

/** What to replay, where to, and how. */
export interface ReplayOptions {
  /** Base URL of the candidate. */
  target: string;
  /** Base URL of the version that works: its answers are the reference then, and the recording the control. */
  baseline?: string;
  selection: CallSelection;
  order: OrderName;
  pace: Pace;
  /** Most Steps in flight under order `none`. */
  concurrency: number;
  /** Instead of ten times the recorded duration, at least 30 s. */
  stepTimeoutMs?: number;
  /** Share, 0 to 1, of Steps that must answer with the recorded status class for a verdict. */
  minLive: number;
  /** Share, 0 to 1, of the calls seen that the tape must hold for a verdict; not asked for without it. */
  floor?: number;
  /** Send methods that are not safe (RFC 9110, section 9.2.1); gRPC needs it always. */
  allowWrites: boolean;
  /** The target may be the very service the tape was recorded at. */
  sameTarget: boolean;
  /** The targets are known to be tests; needed for any that is not loopback. */
  targetIsATest: boolean;
  /** Leave out requests that hold pseudonyms instead of refusing the run. */
  skipRedacted: boolean;
  /** Set on every request, in place of recorded fields of that name; an empty value removes. */
  headers: readonly HeaderField[];
  /** Answer bodies are kept up to this many bytes, then cut and counted. */
  keepBodyBytes: number;
}

/** What the replay stands on. Nothing here is closed by it. */
export interface ReplayEnv {
  clock: Clock;
  tape: TapeReader;
  /** As the operator gave them, for the report. */
  tapePaths: readonly string[];
  /** Id of the run: goes out with every request. Letters, digits, `-`. */
  runId: string;
  run: RunWriter;
  /** The tape's redaction key; without it, answers cannot be redacted as the tape was. */
  key?: RedactionKey;
  /** Version of tapeloop, for the report. */
  version: string;
  /** Before the first request; when it rejects, nothing is sent. */
  onPreflight?: (preflight: Preflight) => void | Promise<void>;
  /** At most five times a second, and once at the end. */
  onProgress?: (progress: Progress) => void;
  /** Stops sending, waits two seconds for what is in flight, keeps what was gathered. */
  signal?: AbortSignal;
  /** Opens what recorders inside the target saw of this run; asked after the last Step. Closed by the replay. */
  openHops?: () => Promise<TapeReader>;
}

/** What is known before the first request goes out. */
export interface Preflight {
  steps: number;
  /** Steps in the longest chain in which each waits for the one before it. */
  longestChain: number;
  /** From recorded durations, order and pace; unknown durations count as nothing. */
  estimatedMs: number;
  warnings: readonly string[];
}

export interface Progress {
  /** Steps planned. */
  total: number;
  /** Steps sent whose Outcome is final in every lane. */
  sent: number;
  /** Steps with a Difference to the reference, noise included. */
  divergent: number;
  /** Steps whose candidate gave no response. */
  failed: number;
}
