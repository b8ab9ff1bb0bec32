import type { MonotonicMs } from "../base/index.js";
import type { AnswerEnd, FailureReason, Frame, Origin, Protocol, RecorderId, RequestEnd, Vantage } from "./exchange.js";

/**
 * What the traffic thread hands to the batch encoder: still as it came, secrets included, held only in the bounded
 * memory queue. Headers are Node's flat form (name, value, name, value …).
 */
export interface CapturedRequest {
  method: string;
  scheme: string;
  authority: string;
  path: string;
  protocol: Protocol;
  headers: readonly string[];
  rawHeaders?: readonly string[];
  trailers?: readonly string[];
  body: CapturedBody;
  end: RequestEnd;
  startedMs: MonotonicMs;
  endedMs?: MonotonicMs;
}

export type CapturedAnswer =
  | {
      kind: "response";
      status: number;
      headers: readonly string[];
      trailers?: readonly string[];
      body: CapturedBody;
      end: AnswerEnd;
      startedMs: MonotonicMs;
      endedMs?: MonotonicMs;
    }
  | { kind: "failure"; reason: FailureReason; endedMs: MonotonicMs }
  | { kind: "unknown" };

/** The kept bytes of a body, in pieces as they came, and how many came in all. */
export interface CapturedBody {
  pieces: readonly Uint8Array[];
  /** Bytes seen on the wire; more than the pieces hold when the cap was reached. */
  fullBytes: number;
  /** Keyed hash over all bytes seen (16 bytes), taken as they passed; given when the pieces do not hold them all. */
  hash?: Uint8Array;
}

export type CapturedFrame = Omit<Frame, "atNs"> & { atMs: MonotonicMs };

/**
 * One append-only part of a call. A short call is one `call` part; one that stays open over a second is stored as its
 * `request` first and as its `answer` when that has come. `sequence` ties the parts together.
 */
export type CapturedPart =
  | (CapturedCallIdentity & {
      part: "call";
      request: CapturedRequest;
      answer: CapturedAnswer;
      frames?: readonly CapturedFrame[];
    })
  | (CapturedCallIdentity & { part: "request"; request: CapturedRequest })
  /** Completes a stored `request`: its end, its whole body where that was still coming, and the answer. */
  | (CapturedCallIdentity & {
      part: "answer";
      request: CapturedRequest;
      answer: CapturedAnswer;
      frames?: readonly CapturedFrame[];
    });

interface CapturedCallIdentity {
  sequence: number;
  vantage: Vantage;
  connection?: string;
  client?: string;
}

/** Who records: said once per incarnation. */
export interface RecorderDescription {
  id: RecorderId;
  /** The service this recorder stands for: callee of its inbound calls, caller of its outbound ones. */
  service?: string;
  /** Where it forwards to, `host:port`: a replay there needs to be asked for. */
  upstream?: string;
  origin: Origin;
  /** Nanoseconds since the epoch at monotonic zero of the recorder's clock. */
  epochNsAtZero: bigint;
}
