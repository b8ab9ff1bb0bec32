import type { MonotonicMs } from "../base/index.js";
import type {
  AnswerEnd,
  FailureReason,
  Frame,
  Origin,
  Protocol,
  ProxyReport,
  RecorderId,
  RequestEnd,
  Vantage,
} from "./exchange.js";
import type { RedactionSpec } from "./redaction/rules/spec.js";

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
 * `request` first and as its `answer` when that has come. A `status` tells of a call whose answer this vantage does not
 * see; it may come before, between or after the others. `sequence` ties the parts together.
 */
export type CapturedPart = CapturedCall | CapturedStatus;

/** A part that holds the request. */
export type CapturedCall =
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
  beside?: CapturedBeside;
}

/** What is known of a call from elsewhere than its messages. It is kept in the clear: nothing in it may be a secret. */
export interface CapturedBeside {
  /** Used where the request's own headers name no caller. */
  caller?: string;
  /** Of the trace the call belongs to, where its request carries none. */
  traceparent?: string;
  /** Which proxy told of it, where the request itself carries no label of one. */
  hop?: string;
  proxy?: ProxyReport;
}

/** From an access log: how a call was answered that was, is being or will be stored under the same sequence. */
export interface CapturedStatus {
  part: "status";
  sequence: number;
  vantage: Vantage;
  /** Where no status was sent, why not. */
  answer: { kind: "status-only"; status: number } | { kind: "failure"; reason: FailureReason };
  /** After the start of its request, in milliseconds. */
  startedAfterMs?: number;
  endedAfterMs?: number;
  proxy?: ProxyReport;
}

/** Who records: said once per incarnation. */
export interface RecorderDescription {
  id: RecorderId;
  /** The service this recorder stands for: callee of its inbound calls, caller of its outbound ones. */
  service?: string;
  /** Where it forwards to, `host:port`: a replay there needs to be asked for. */
  upstream?: string;
  origin: Origin;
  /** What it redacts beside what is done unasked, in the order it was done; absent: nothing. */
  redaction?: readonly RedactionSpec[];
  /** Nanoseconds since the epoch at monotonic zero of the recorder's clock. */
  epochNsAtZero: bigint;
}
