import { createReadStream, createWriteStream, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { OperatorError, reasonOf } from "../../base/index.js";
import { version } from "../version.js";
import { type HopsAnswer, type RunRequest, runFileName, type WorkerEvent, type WorkerFolder } from "./protocol.js";

/** What a worker does with what it is asked for. */
export interface WorkerDuty {
  folders: Readonly<Record<WorkerFolder, string>>;
  /** Replays; ends when the run file is complete. Told to stop by the signal. */
  run(
    request: RunRequest,
    tell: (event: WorkerEvent) => void,
    hops: () => Promise<HopsAnswer>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Everything was fetched, or nobody is there any more. */
  quit(): void;
}

/**
 * Serves one run: files are put, the run is asked for, its events are streamed back, the run file is fetched. When whoever
 * asked for the run goes away before it is over, it is given up.
 */
export function workerServer(duty: WorkerDuty): Server {
  const stop = new AbortController();
  let hopsCame: (answer: HopsAnswer) => void = () => {};
  const hops = () =>
    new Promise<HopsAnswer>((resolve) => {
      hopsCame = resolve;
      stop.signal.addEventListener("abort", () => resolve({ failed: "interrupted" }), { once: true });
    });
  const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void> | void> = {
    "GET /hello": (_request, response) => say(response, 200, { tapeloop: version }),
    "POST /run": async (request, response) => {
      const asked = (await json(request)) as RunRequest;
      if (asked.tapeloop !== version)
        return say(response, 409, { words: `this image holds tapeloop ${version}, and ${asked.tapeloop} asks` });
      await streamRun(duty, asked, response, hops, stop);
    },
    "POST /hops": async (request, response) => {
      hopsCame((await json(request)) as HopsAnswer);
      say(response, 200, {});
    },
    "POST /cancel": (_request, response) => {
      stop.abort();
      say(response, 200, {});
    },
    "GET /run-file": (_request, response) => sendFile(join(duty.folders.work, runFileName), response),
    "POST /quit": (_request, response) => {
      response.on("finish", () => duty.quit());
      say(response, 200, {});
    },
  };
  return createServer((request, response) => {
    const answer = routes[`${request.method} ${request.url}`];
    const done = answer === undefined ? keepFile(duty, request, response) : answer(request, response);
    Promise.resolve(done).catch((trouble: unknown) => {
      if (response.headersSent) response.destroy();
      else say(response, 500, { words: reasonOf(trouble) });
    });
  });
}

function say(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function streamRun(
  duty: WorkerDuty,
  asked: RunRequest,
  response: ServerResponse,
  hops: () => Promise<HopsAnswer>,
  stop: AbortController,
): Promise<void> {
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  response.on("close", () => stop.abort());
  const tell = (event: WorkerEvent) => void response.write(`${JSON.stringify(event)}\n`);
  try {
    await duty.run(asked, tell, hops, stop.signal);
    tell({ kind: "over" });
  } catch (thrown) {
    if (thrown instanceof OperatorError) tell({ kind: "refused", words: reasonOf(thrown), exitCode: thrown.exitCode });
    else tell({ kind: "broke", words: reasonOf(thrown) });
  }
  response.end();
}

/** `PUT /work/NAME` or `PUT /secrets/NAME`, whole or not at all. */
async function keepFile({ folders }: WorkerDuty, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, folder, name] = /^\/(work|secrets)\/([A-Za-z0-9][A-Za-z0-9._-]*)$/.exec(request.url ?? "") ?? [];
  if (request.method !== "PUT" || folder === undefined || name === undefined)
    return say(response, 404, { words: "there is nothing of that name" });
  await pipeline(request, createWriteStream(join(folders[folder as WorkerFolder], name), { mode: 0o600 }));
  say(response, 200, {});
}

async function sendFile(path: string, response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-length": statSync(path).size });
  await pipeline(createReadStream(path), response);
}
