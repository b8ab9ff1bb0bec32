import type { MonotonicMs } from "../../base/index.js";
import { EventSpans, GrpcSpans, type SpanFinder } from "../../message/index.js";
import type { CapturedFrame } from "../../tape/index.js";
import type { CallHead } from "../listen/call-head.js";

/** Says what lies in a body while it passes, and when it came. */
export interface StreamFrames {
  /** The next bytes; gives the frames that they complete. */
  push(bytes: Uint8Array, atMs: MonotonicMs): readonly CapturedFrame[];
  /** The body is over: gives the frame that its end completes. */
  end(): CapturedFrame | undefined;
}

/** Of a request: the messages of gRPC. */
export function requestFrames(head: CallHead): StreamFrames | undefined {
  return head.isGrpc ? new SpanFrames("to-server", "message", new GrpcSpans()) : undefined;
}

/**
 * Of an answer: the messages of gRPC, the events of an event stream, and of other bodies without a length the bytes that came
 * together. WebSocket messages are told apart by who reads them.
 */
export function answerFrames(head: CallHead, status: number, headers: readonly string[]): StreamFrames | undefined {
  if (status === 101) return undefined;
  const { contentType, isEncoded, hasLength } = traitsOf(headers);
  if (head.isGrpc && contentType.startsWith("application/grpc")) {
    return new SpanFrames("to-client", "message", new GrpcSpans());
  }
  if (contentType.startsWith("text/event-stream") && !isEncoded) {
    return new SpanFrames("to-client", "event", new EventSpans());
  }
  return hasLength || isUpgrade(head.headers) ? undefined : new ChunkFrames();
}

/** Each a message that the body's own framing delimits; its time is that of its last byte. */
class SpanFrames implements StreamFrames {
  readonly #direction: CapturedFrame["direction"];
  readonly #kind: CapturedFrame["kind"];
  readonly #finder: SpanFinder;

  constructor(direction: CapturedFrame["direction"], kind: CapturedFrame["kind"], finder: SpanFinder) {
    this.#direction = direction;
    this.#kind = kind;
    this.#finder = finder;
  }

  push(bytes: Uint8Array, atMs: MonotonicMs): readonly CapturedFrame[] {
    const spans = this.#finder.push(bytes);
    if (spans.length === 0) return noFrames;
    return spans.map(({ offset, length }) => ({ direction: this.#direction, kind: this.#kind, atMs, offset, length }));
  }

  end(): undefined {
    return undefined;
  }
}

/** Bytes that come within this are one chunk: the network cuts where it likes. */
const togetherMs = 1;

/** An answer that came all at once has no chunks. */
class ChunkFrames implements StreamFrames {
  #offset = 0;
  #length = 0;
  #beganMs: MonotonicMs = 0;
  #newestMs: MonotonicMs = 0;

  push(bytes: Uint8Array, atMs: MonotonicMs): readonly CapturedFrame[] {
    const isNew = this.#length > 0 && atMs - this.#newestMs >= togetherMs;
    const before = isNew ? [this.#chunk()] : noFrames;
    if (isNew) {
      this.#offset += this.#length;
      this.#length = 0;
    }
    if (this.#length === 0) this.#beganMs = atMs;
    this.#length += bytes.length;
    this.#newestMs = atMs;
    return before;
  }

  end(): CapturedFrame | undefined {
    return this.#offset > 0 ? this.#chunk() : undefined;
  }

  #chunk(): CapturedFrame {
    const [offset, length] = [this.#offset, this.#length];
    return { direction: "to-client", kind: "chunk", atMs: this.#beganMs, offset, length };
  }
}

const noFrames: readonly CapturedFrame[] = [];

interface Traits {
  contentType: string;
  isEncoded: boolean;
  hasLength: boolean;
}

/** Every answer with a body passes here: names are told apart by their length first. */
function traitsOf(headers: readonly string[]): Traits {
  const traits: Traits = { contentType: "", isEncoded: false, hasLength: false };
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at]!;
    if (name.length === 12 && name.toLowerCase() === "content-type")
      traits.contentType = headers[at + 1]!.toLowerCase();
    else if (name.length === 14 && name.toLowerCase() === "content-length") traits.hasLength = true;
    else if (name.length === 16 && name.toLowerCase() === "content-encoding") traits.isEncoded = true;
  }
  return traits;
}

function isUpgrade(headers: readonly string[]): boolean {
  return headers.some((name, at) => at % 2 === 0 && name.length === 7 && name.toLowerCase() === "upgrade");
}
