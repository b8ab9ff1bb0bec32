import { Agent, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import httpProxy from "http-proxy";
import { answerLocally } from "./local-answer.js";

/** Sends calls on to where they belong, streamed both ways. */
export interface Forwarder {
  /** `unreachable` is told when the target cannot be reached; the caller then gets Envoy's 503. */
  forward(request: IncomingMessage, response: ServerResponse, target: URL, unreachable: () => void): void;
  forwardUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, target: URL): void;
  close(): void;
}

export function createForwarder(): Forwarder {
  const agent = new Agent({ keepAlive: true });
  const proxy = httpProxy.createProxyServer({ agent });
  return {
    forward(request, response, target, unreachable) {
      proxy.web(request, response, { target: target.origin }, () => {
        // A client that left ends the call too; then there is nobody to answer.
        if (response.destroyed) return;
        unreachable();
        answerLocally(response, unreachableAnswer);
      });
    },
    forwardUpgrade(request, socket, head, target) {
      proxy.ws(request, socket as never, head, { target: target.origin }, () => void socket.destroy());
    },
    close: () => agent.destroy(),
  };
}

const unreachableAnswer = {
  status: 503,
  text: "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
};
