import { createReadStream, createWriteStream, statSync } from "node:fs";
import http from "node:http";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { OperatorError } from "../../../base/index.js";
import type { HopsAnswer, RunRequest, WorkerEvent, WorkerFolder } from "../../worker/protocol.js";

/** A worker seen from the other end of the way to it. Whatever fails on the way rejects with the error of the connection. */
export class WorkerClient {
  readonly #port: number;

  /** @param port on this machine's loopback */
  constructor(port: number) {
    this.#port = port;
  }

  /** Waits until the worker answers: its pod runs before it listens. */
  async hello(withinMs: number, signal: AbortSignal): Promise<void> {
    const giveUpAt = performance.now() + withinMs;
    for (;;) {
      try {
        await this.#ask("GET", "/hello");
        return;
      } catch (trouble) {
        if (performance.now() > giveUpAt || signal.aborted) throw trouble;
        await delay(100, undefined, { signal }).catch(() => {});
      }
    }
  }

  async putFile(from: string, folder: WorkerFolder, name: string): Promise<void> {
    await this.#ask("PUT", `/${folder}/${name}`, createReadStream(from), statSync(from).size);
  }

  async put(bytes: Uint8Array, folder: WorkerFolder, name: string): Promise<void> {
    await this.#ask("PUT", `/${folder}/${name}`, Readable.from([bytes]), bytes.length);
  }

  /** The events of a run as they come; ends with the last of them, or rejects where the worker breaks off before. */
  async *run(request: RunRequest): AsyncGenerator<WorkerEvent> {
    const body = Buffer.from(JSON.stringify(request));
    const answer = await this.#ask("POST", "/run", Readable.from([body]), body.length);
    try {
      for await (const line of createInterface({ input: answer })) {
        const event = JSON.parse(line) as WorkerEvent;
        yield event;
        if (event.kind === "over" || event.kind === "refused" || event.kind === "broke") return;
      }
      throw new Error("the worker broke off");
    } finally {
      // Who does not listen any more is gone, and the worker is to know.
      answer.destroy();
    }
  }

  async hops(answer: HopsAnswer): Promise<void> {
    const body = Buffer.from(JSON.stringify(answer));
    await text(await this.#ask("POST", "/hops", Readable.from([body]), body.length));
  }

  async cancel(): Promise<void> {
    await text(await this.#ask("POST", "/cancel"));
  }

  async quit(): Promise<void> {
    await text(await this.#ask("POST", "/quit"));
  }

  /** Copies the run file here, whole. */
  async fetchRun(to: string): Promise<void> {
    await pipeline(await this.#ask("GET", "/run-file"), createWriteStream(to));
  }

  async #ask(method: string, path: string, body?: Readable, length = 0): Promise<http.IncomingMessage> {
    const headers = body === undefined ? {} : { "content-length": length };
    const options = { host: "127.0.0.1", port: this.#port, method, path, headers, agent: false as const };
    const asked = http.request(options);
    const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
      asked.on("response", resolve).on("error", reject);
    });
    if (body === undefined) asked.end();
    else await Promise.race([pipeline(body, asked), answered]);
    const answer = await answered;
    if (answer.statusCode === 200) return answer;
    const { words = `status ${answer.statusCode}` } = JSON.parse((await text(answer)) || "{}") as { words?: string };
    throw new OperatorError(`the worker refused: ${words}`);
  }
}
