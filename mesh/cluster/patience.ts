import type { ClientRequest } from "node:http";

/** For how long an API server is waited for. */
export interface Patience {
  /** One that says nothing for so long is taken for gone. */
  answerMs: number;
  /** Aborted when whoever asks has been told to end: from then on nothing is waited for longer than {@link hurriedMs}. */
  signal?: AbortSignal | undefined;
}

/** As long as a busy API server with slow webhooks takes, and no longer than a person waits. */
export const defaultAnswerMs = 15_000;
/** What is left for putting back what was half done, a request at a time. */
export const hurriedMs = 3_000;

/** The limit that a request begins with, for its `timeout` option: that alone holds while it connects, too. */
export function limitOf({ answerMs, signal }: Patience): number {
  return signal?.aborted ? Math.min(hurriedMs, answerMs) : answerMs;
}

/** Gives a request that has that option up when the server is silent for too long. */
export function waitFor(request: ClientRequest, { answerMs, signal }: Patience): void {
  let limitMs = limitOf({ answerMs, signal });
  const hurry = () => {
    limitMs = Math.min(hurriedMs, answerMs);
    request.socket?.setTimeout(limitMs);
  };
  signal?.addEventListener("abort", hurry, { once: true });
  request.on("socket", (socket) => socket.setTimeout(limitMs));
  request.on("timeout", () => request.destroy(new Error(`no answer within ${limitMs / 1000} s`)));
  request.on("close", () => signal?.removeEventListener("abort", hurry));
}
