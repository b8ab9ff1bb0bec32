import type { Clock } from "../base/index.js";
import type { HeaderField } from "../message/index.js";
import type { RedactionKey, RunWriter, Selection, TapeReader } from "../tape/index.js";
import type { CarryOptions } from "./carry/options.js";
import type { CompareSettings } from "./compare/index.js";
import type { GateSettings } from "./gate/settle.js";
import type { LaneChoice } from "./lanes/plan-lanes.js";
import type { LaneSequence } from "./lanes/sequence.js";
import type { OrderName } from "./order/index.js";
import type { Pace } from "./pace.js";
import type { Stub } from "./stub/index.js";
import type { TargetChoice } from "./target.js";

/** Which calls of the tape, all conditions together. */
export interface CallSelection extends Pick<Selection, "ids" | "where" | "whereWhole" | "fromNs" | "toNs"> {
  /** Calls from outside alone. */
  entry?: boolean;
  /** What this service received. */
  service?: string;
  /** Calls of the user request with this trace id or request id. */
  trace?: string;
  /** So often, one pass after the other; once unless said. */
  repeat?: number;
  /** No more Steps than this. */
  limit?: number;
  /** As the operator wrote it, for the report. */
  text: string;
}

/** What to replay, where to, and how. */
export interface ReplayOptions extends LaneChoice, TargetChoice {
  /** One lane after the other instead of all in step. */
  sequence?: LaneSequence;
  /** How often a safe Step may be sent again, to the baseline and the candidate in turn, to decide whether it differs by chance; 8 unless said. */
  maxResend?: number;
  /** What may be noise, but is not proven to be, fails the run. */
  strict?: boolean;
  selection: CallSelection;
  order: OrderName;
  pace: Pace;
  /** Most Steps in flight under order `none`, and under `causal` where no due time holds them back. */
  concurrency: number;
  /** Instead of ten times the recorded duration, at least 30 s. */
  stepTimeoutMs?: number;
  /** The tape is still being written: what it comes to hold is sent, until interrupted or until its recorders end. */
  follow?: boolean;
  /** A run that is expected to take longer is refused before its first request. */
  maxTimeMs?: number;
  /** Later than this at the 99th percentile, latencies say nothing; the verdict on the answers stands. */
  maxLatenessMs?: number;
  /** Share, 0 to 1, of Steps that must answer with the recorded status class for a verdict. */
  minLive: number;
  /** Share, 0 to 1, of the calls seen that the tape must hold for a verdict; not asked for without it. */
  floor?: number;
  /** Share of the selected calls, 0 to 1, that must have been compared for a pass; half of them unless given. */
  minCompared?: number;
  /** Send methods that are not safe (RFC 9110, section 9.2.1); gRPC needs it always. */
  allowWrites: boolean;
  /** The target may be the very service the tape was recorded at. */
  sameTarget: boolean;
  /** The targets are known to be tests; needed for any that is not loopback. */
  targetIsATest: boolean;
  /** How state is carried; links are learnt and carried unless said otherwise. */
  carry?: CarryOptions;
  /** Share, 0 to 1, of Steps that may be left unsent for want of a value before a run that found nothing is inconclusive; 0 unless said. */
  maxBlocked?: number;
  /** Leave out requests that hold pseudonyms instead of refusing the run. */
  skipRedacted: boolean;
  /** Set on every request, in place of recorded fields of that name; an empty value removes. */
  headers: readonly HeaderField[];
  /** Every request goes out with the `Host` or `:authority` it was recorded with; with the target's own unless said. */
  keepHost?: boolean;
  /** Keys of idempotency go out as they were recorded; drawn anew for each run, lane and pass unless said. */
  keepIdempotencyKeys?: boolean;
  /** Rules for comparing, and schemas of gRPC methods. */
  comparing?: CompareSettings;
  /** Ask the reference's server reflection for the schemas of gRPC methods. */
  grpcReflection?: boolean;
  /** Which divergences count. */
  gate?: GateSettings;
  /** Answer bodies are kept up to this many bytes, then cut and counted. */
  keepBodyBytes: number;
}

/** What the replay stands on. Nothing here is closed by it. */
export interface ReplayEnv {
  clock: Clock;
  tape: TapeReader;
  /** Opens the same tape anew, to follow it while it is written. Closed by the replay. */
  reopen?: () => Promise<TapeReader>;
  /** As the operator gave them, for the report. */
  tapePaths: readonly string[];
  /** Id of the run: goes out with every request. Letters, digits, `-`. */
  runId: string;
  run: RunWriter;
  /** The tape's redaction key; without it, answers cannot be redacted as the tape was. */
  key?: RedactionKey;
  /** Version of tapeloop, for the report. */
  version: string;
  /** Before the first Step; when it rejects, none is sent. */
  onPreflight?: (preflight: Preflight) => void | Promise<void>;
  /** At most five times a second, and once at the end. */
  onProgress?: (progress: Progress) => void;
  /** Of each Step as it becomes final, for who decides while the run goes on. Must be quick. */
  onStep?: (step: ObservedStep) => void;
  /** Stops sending, waits two seconds for what is in flight, keeps what was gathered; that is judged where a tape is followed. */
  signal?: AbortSignal;
  /** Answers what a service calls from the tape (`--isolate`). Opened and closed by the caller. */
  stub?: Pick<Stub, "begin" | "summary">;
  /** Opens what recorders inside the target saw of this run; asked after the last Step. Closed by the replay. */
  openHops?: () => Promise<TapeReader>;
}

/** A Step that is final, as its observer is told of it. */
export interface ObservedStep {
  /** A lane differs from its reference here, noise included. */
  differs: boolean;
  /** Name of the fault that it was marked for, in lanes under a fault plan. */
  fault?: string;
  /** The recorded Answer as {@link ObservedOutcome.said}; absent where it is not known. */
  recorded?: string;
  /** Of each lane it was sent to. */
  outcomes: readonly ObservedOutcome[];
}

/** What one lane answered. */
export interface ObservedOutcome {
  lane: string;
  /** Status (`200`) or failure (`refused`). */
  answered: string;
  /** The same with the status of a gRPC call behind it, where it is not OK: `200 grpc-status 14`. */
  said: string;
  isResponse: boolean;
  /** From sent to answered. */
  tookMs: number;
}

/** What is known before the first request goes out. */
export interface Preflight {
  steps: number;
  /** Steps in the longest chain in which each waits for the one before it. */
  longestChain: number;
  /** From recorded durations, order and pace; unknown durations count as nothing. */
  estimatedMs: number;
  /** Of the longest way in time, the waits that cost most: at most three, the dearest first. Recorded durations alone. */
  costliest: readonly CostlyWait[];
  warnings: readonly string[];
}

/** One Step that another waits for, on the way that takes a run longest. Exchange ids. */
export interface CostlyWait {
  exchange: number;
  waitedForBy: number;
  /** What ties the two, or the order where that alone does. */
  because: "connection" | "session" | "resource" | "value" | "order";
  tookMs: number;
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
