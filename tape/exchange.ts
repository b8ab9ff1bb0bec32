import type { HeaderList, Message } from "../message/index.js";

/** From where a call was seen. */
export const vantages = ["mirror", "inbound", "outbound", "ext-proc", "import"] as const;
export type Vantage = (typeof vantages)[number];

export const protocols = ["http/1.0", "http/1.1", "h2"] as const;
export type Protocol = (typeof protocols)[number];

/** One incarnation of a recorder: its name and a random part made at each start. */
export interface RecorderId {
  name: string;
  /** 16 hex digits. */
  incarnation: string;
}

/** Where an Exchange was recorded, as far as it is known. */
export interface Origin {
  cluster?: string;
  namespace?: string;
  workload?: string;
  version?: string;
  node?: string;
}

/** `open`: the request (or answer) was still coming when this was last stored. */
export type RequestEnd = "complete" | "aborted" | "open";
/** `broken-off`: it ended before it was whole, and from this vantage it cannot be told who ended it. */
export type AnswerEnd = "complete" | "reset" | "client-aborted" | "timed-out" | "open" | "broken-off";
export type FailureReason = "refused" | "reset" | "timed-out" | "unresolved-host" | "tls" | "protocol" | "aborted";

/** What is known of what came back. A call that failed is an Answer, not an exception. */
export type Answer =
  | (Message & { kind: "response"; status: number; end: AnswerEnd })
  /** Nothing came; after how long that was clear. */
  | { kind: "failure"; reason: FailureReason; afterMs: number }
  /** From an access log: never passed off as a full response. */
  | { kind: "status-only"; status: number }
  /** A mirror never sees the answer. */
  | { kind: "unknown" };

/** What the proxy that reported a call says of it, beside its messages. */
export interface ProxyReport {
  /** `proxy`: it made the answer itself (refused, timed out, a fault, a direct response); the service's never came. */
  answeredBy?: "service" | "proxy";
  /** Envoy's response flags in short: `UF`, `DC` … */
  flags?: readonly string[];
  /** Why it answered by itself: Envoy's response code details. */
  details?: string;
  /** Its name for the route that was taken. */
  route?: string;
  /** `HOST:PORT` of the instance that was asked. */
  upstream?: string;
  /** How often it tried; left out for once. */
  attempts?: number;
}

/** A place in a message where a secret was replaced by a pseudonym: `header:authorization`, `cookie:sid`, `query:token`, `body:/password`, `form:password`, `body`. */
export type RedactedPlace = string;

export interface Request extends Message {
  method: string;
  scheme: string;
  /** Host, with port where given, of the original call (Envoy's additions to a mirrored copy are undone). */
  authority: string;
  /** Path and query as sent. CONNECT and OPTIONS * keep their own forms. */
  path: string;
  protocol: Protocol;
  end: RequestEnd;
  /** The headers exactly as they came, when undoing what a proxy added to a copy changed them. */
  rawHeaders?: HeaderList;
}

/** Identifiers that tie the calls of one user request together, read from its headers. */
export interface TraceContext {
  /** 32 hex digits (W3C Trace Context, section 3.2.2.3). */
  traceId?: string;
  /** The span that sent this request: the parent-id of `traceparent`, 16 hex digits. */
  parentSpanId?: string;
  /** The span that one is a child of, where the caller's tracer said so (`x-b3-parentspanid`): 16 hex digits. */
  grandparentSpanId?: string;
  /** x-request-id as it came. A tracing Envoy rewrites its 15th character: compare with it masked. */
  requestId?: string;
}

/**
 * A message inside a stream, its bytes in the body. `text` to `close`: a message of a WebSocket connection. `message`: one of
 * gRPC, with its prefix. `event`: one of an event stream. `chunk`: bytes of an answer without a length that came together,
 * where it came in several.
 */
export interface Frame {
  direction: "to-server" | "to-client";
  kind: "text" | "binary" | "ping" | "pong" | "close" | "message" | "event" | "chunk";
  /** When it began to come; of a `message` or an `event` when it had come whole, for only then can it be acted on. */
  atNs: bigint;
  /** Where it begins in the body of its direction (request body or answer body), and its length, in bytes. */
  offset: number;
  length: number;
}

/**
 * One sighting of a call: a request and what is known of its answer, seen at one vantage by one recorder. Times are
 * nanoseconds since the epoch, from one monotonic clock per recorder.
 */
export interface Exchange {
  /** The tape's own integer, given at first append and never reused; what people type as `--id`. */
  id: number;
  recorder: RecorderId;
  /** Given at arrival; unique within one incarnation; may be stored in any order. */
  sequence: number;
  vantage: Vantage;
  /** Workload or service that called, where known. */
  caller?: string;
  /** Service that was called: the recorder's `--service` name, else the authority without port. */
  callee: string;
  origin: Origin;
  /** One transport connection at the recorder: unique within one incarnation. */
  connection?: string;
  /** Address of the peer, without port. */
  client?: string;
  /** Which proxy this was seen at, where its mirror rule labels the copies it makes (`x-tapeloop-hop`), or its filter what it tells. */
  hop?: string;
  /** Which try of the call this was, from 1, where the proxy that tries again counts them (`x-envoy-attempt-count`). */
  attempt?: number;
  trace: TraceContext;
  request: Request;
  answer: Answer;
  startedNs: bigint;
  requestEndedNs?: bigint;
  answerStartedNs?: bigint;
  /** When the answer had ended, failed or was given up; absent where the vantage cannot know. */
  answerEndedNs?: bigint;
  frames: readonly Frame[];
  /** Where a proxy told of the call (`ext-proc`, an access log) and not only passed it on. */
  proxy?: ProxyReport;
  /** Where pseudonyms stand in place of secrets. */
  redacted: { request: readonly RedactedPlace[]; answer: readonly RedactedPlace[] };
}

/** What planning needs of an Exchange: all but headers and bodies. */
export interface ExchangeHead extends Omit<Exchange, "request" | "answer" | "frames"> {
  request: Pick<Request, "method" | "scheme" | "authority" | "path" | "protocol" | "end"> & {
    bodyKind: Message["body"]["kind"];
    bodyBytes: number;
  };
  answer:
    | { kind: "response"; status: number; end: AnswerEnd; bodyKind: Message["body"]["kind"]; bodyBytes: number }
    | Exclude<Answer, { kind: "response" }>;
  frameCount: number;
}
