import type { ServerResponse } from "node:http";

/** An answer of the edge's own, in the form of Envoy's local replies. */
export function answerLocally(response: ServerResponse, answer: { status: number; text?: string }): void {
  if (response.destroyed) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, text = "" } = answer;
  const type = text === "" ? {} : { "content-type": "text/plain" };
  response.writeHead(status, { ...type, "content-length": Buffer.byteLength(text), server: "envoy" }).end(text);
}
