import net from "node:net";
import type { Clock, MonotonicMs } from "../../base/index.js";
import type { HeaderList } from "../../message/index.js";
import type { AnswerCollector } from "./answer-collector.js";
import { failureReasonOf } from "./failure-reason.js";
import { idleMs } from "./idle-connections.js";
import { type ResponseEvents, ResponseReader } from "./response-reader.js";

/** A request ready to be written. */
export interface WrittenRequest {
  head: string;
  body: Uint8Array | undefined;
  /** What its framing asks for behind the body; empty for most. */
  afterBody: string;
  /** Its method is HEAD. */
  toHead: boolean;
  collector: AnswerCollector;
}

/** What a connection tells of itself. */
export interface ConnectionEvents {
  /** Its answer is complete and it may be used again. */
  free(connection: Connection): void;
  /** It is of no further use. Told once. */
  gone(connection: Connection): void;
  onTrouble(thrown: unknown): void;
}

/** Answers are read into a buffer of its own, of this size, so that reading makes no garbage. */
const readBytes = 16 * 1024;

/** One HTTP/1.1 connection over TCP, with at most one request on it. */
export class Connection implements ResponseEvents {
  idleSinceMs: MonotonicMs = 0;
  readonly #clock: Pick<Clock, "now">;
  readonly #events: ConnectionEvents;
  readonly #socket: net.Socket;
  readonly #reader = new ResponseReader();
  #current: WrittenRequest | undefined;
  #writtenMs: MonotonicMs = 0;
  /** Of an answer that is complete and not yet told. */
  #trailers: HeaderList | undefined;
  #isGone = false;

  constructor(
    address: { host: string; port: number },
    { clock, events }: { clock: Pick<Clock, "now">; events: ConnectionEvents },
  ) {
    this.#clock = clock;
    this.#events = events;
    const onread = {
      buffer: Buffer.allocUnsafeSlow(readBytes),
      callback: (bytes: number, buffer: Uint8Array) => this.#read(buffer as Buffer, bytes),
    };
    this.#socket = net.connect({ ...address, noDelay: true, onread });
    this.#socket.once("connect", () => this.#write());
    this.#socket.once("end", () => this.#ended());
    this.#socket.on("error", (thrown) => this.#broke(thrown));
    this.#socket.once("close", () => this.#broke(undefined));
  }

  /** How long the server keeps it when nothing is asked, as far as it has said. */
  get keptMs(): number {
    return this.#reader.lastHead?.keptMs ?? Number.POSITIVE_INFINITY;
  }

  /** Only on a connection that is new or free. */
  send(request: WrittenRequest): void {
    this.#current = request;
    if (!this.#socket.connecting) this.#write();
  }

  /** Whether this request is on it. */
  carries(request: WrittenRequest): boolean {
    return this.#current === request;
  }

  destroy(): void {
    this.#current = undefined;
    this.#socket.destroy();
    this.#goodbye();
  }

  head(status: number, headers: HeaderList): void {
    this.#current?.collector.head(status, headers);
  }

  piece(bytes: Buffer): void {
    this.#current?.collector.piece(bytes);
  }

  complete(trailers: HeaderList): void {
    this.#trailers = trailers;
  }

  #write(): void {
    const request = this.#current;
    if (request === undefined) return;
    const { head, body, afterBody, toHead, collector } = request;
    this.#reader.expect(this, toHead);
    this.#writtenMs = this.#clock.now();
    collector.written(this.#writtenMs);
    if (body === undefined || body.length === 0) {
      this.#socket.write(head, "latin1");
      return;
    }
    this.#socket.cork();
    this.#socket.write(head, "latin1");
    this.#socket.write(body);
    if (afterBody !== "") this.#socket.write(afterBody, "latin1");
    this.#socket.uncork();
  }

  #read(buffer: Buffer, bytes: number): boolean {
    let broken: { thrown: unknown } | undefined;
    try {
      this.#reader.push(bytes === buffer.length ? buffer : buffer.subarray(0, bytes));
    } catch (thrown) {
      broken = { thrown };
    }
    if (this.#trailers !== undefined) this.#answered(this.#trailers, broken === undefined);
    if (broken !== undefined) this.#broke(broken.thrown);
    return broken === undefined;
  }

  /**
   * The connection is free before the answer is told: what is sent next, by whom it is told to, goes out on it. An answer
   * that came before its request was written to the end leaves a connection that says nothing sure; so does one that was
   * long in coming: where this process stood still meanwhile, the answer is old and the server may have closed since.
   */
  #answered(trailers: HeaderList, isSound: boolean): void {
    const request = this.#current;
    this.#trailers = undefined;
    this.#current = undefined;
    const persists = isSound && this.#reader.lastHead?.persists === true && this.#socket.writableLength === 0;
    const nowMs = this.#clock.now();
    if (persists && nowMs - this.#writtenMs < idleMs) {
      this.idleSinceMs = nowMs;
      this.#events.free(this);
    } else this.destroy();
    request?.collector.complete(trailers, nowMs);
  }

  #ended(): void {
    if (this.#current !== undefined && this.#reader.end()) this.#answered(this.#trailers ?? [], false);
    else this.#broke(undefined);
  }

  /** Without an error: the peer closed it. */
  #broke(thrown: unknown): void {
    const request = this.#current;
    this.destroy();
    if (request === undefined) return;
    if (thrown !== undefined) this.#events.onTrouble(thrown);
    request.collector.broke(thrown === undefined ? "reset" : failureReasonOf(thrown));
  }

  #goodbye(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#events.gone(this);
  }
}
