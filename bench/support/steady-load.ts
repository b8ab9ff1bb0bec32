import net from "node:net";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { build, type Histogram } from "hdr-histogram-js";

/** A number of calls a second, each sent when it is due whatever became of those before. */
export interface SteadyLoad {
  perSecond: number;
  seconds: number;
  connections: number;
  /** The bytes of call number N, a whole HTTP/1.1 request. */
  request: (call: number) => Buffer;
}

export interface SteadyFigures {
  /** Fewer than were to be sent where the server, or the machine, is too slow: nothing is sent after twice the time. */
  answered: number;
  /** From when the call was due: what a user would have felt. */
  p50Ms: number;
  p99Ms: number;
}

/** Answers must have a `content-length`; one call at a time on a connection. */
export async function sendSteadily(port: number, load: SteadyLoad): Promise<SteadyFigures> {
  const callers = await Promise.all(Array.from({ length: load.connections }, () => Caller.connect(port)));
  const histogram = build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 });
  const count = load.perSecond * load.seconds;
  const idle = [...callers];
  const waiting: ((caller: Caller) => void)[] = [];
  const answers: Promise<void>[] = [];
  const beganMs = performance.now() + 10;
  const untilMs = beganMs + load.seconds * 2000;
  for (let call = 0; call < count && performance.now() < untilMs; call++) {
    const dueMs = beganMs + (call * 1000) / load.perSecond;
    while (performance.now() < dueMs) await sleep(Math.max(1, Math.floor(dueMs - performance.now())));
    const caller = idle.pop() ?? (await new Promise<Caller>((free) => waiting.push(free)));
    answers.push(callOnce(caller, load.request(call), dueMs, histogram).then(() => free(caller)));
  }
  await Promise.all(answers);
  for (const caller of callers) caller.close();
  return { answered: answers.length, p50Ms: at(histogram, 50), p99Ms: at(histogram, 99) };

  function free(caller: Caller): void {
    const next = waiting.shift();
    if (next === undefined) idle.push(caller);
    else next(caller);
  }
}

function at(histogram: Histogram, percentile: number): number {
  return histogram.getValueAtPercentile(percentile) / 1000;
}

async function callOnce(caller: Caller, request: Buffer, dueMs: number, histogram: Histogram): Promise<void> {
  await caller.call(request);
  histogram.recordValue(Math.max(1, Math.round((performance.now() - dueMs) * 1000)));
}

/** One connection, kept alive. */
class Caller {
  readonly #socket: net.Socket;
  #received = "";
  #answered: (() => void) | undefined;
  #failed: ((failure: Error) => void) | undefined;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1").on("data", (text: string) => this.#read(text));
    socket.on("error", (failure) => this.#failed?.(failure));
    socket.on("close", () => this.#failed?.(new Error("the connection was closed")));
  }

  static async connect(port: number): Promise<Caller> {
    const socket = net.connect({ host: "127.0.0.1", port, noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new Caller(socket);
  }

  call(request: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(request);
    });
  }

  #read(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd === -1) return;
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#received)?.[1] ?? 0);
    if (this.#received.length < headEnd + 4 + length) return;
    const isFine = this.#received.startsWith("HTTP/1.1 200");
    const head = this.#received.slice(0, headEnd);
    this.#received = "";
    if (isFine) this.#answered?.();
    else this.#failed?.(new Error(`not answered 200: ${head}`));
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }
}
