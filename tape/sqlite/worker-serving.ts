import { parentPort } from "node:worker_threads";
import { reasonOf } from "../../base/index.js";

/** What a worker says to one request; a thrown error crosses as its message. */
export type Reply<Result> = { kind: "done"; result: Result } | { kind: "failed"; message: string };

/** Called by a worker's script: answers every request in the order they came. */
export function serve<Request, Result>(
  answer: (request: Request) => Result,
  transferOf: (result: Result) => ArrayBuffer[],
): void {
  parentPort!.on("message", (request: Request) => {
    const reply = replyTo(request, answer);
    parentPort!.postMessage(reply, reply.kind === "done" ? transferOf(reply.result) : []);
  });
}

function replyTo<Request, Result>(request: Request, answer: (request: Request) => Result): Reply<Result> {
  try {
    return { kind: "done", result: answer(request) };
  } catch (thrown) {
    return { kind: "failed", message: reasonOf(thrown) };
  }
}
