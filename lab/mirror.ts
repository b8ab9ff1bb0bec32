import { Agent, request as httpRequest, type IncomingMessage } from "node:http";

// Copies keep their own connections, apart from the calls'.
const agent = new Agent({ keepAlive: true });

/**
 * Sends a copy of a request that is being forwarded and discards its answer. The copy is as Istio's Envoy makes it
 * (findings on Envoy, section 2): the same host and x-request-id, `x-envoy-internal: true`, and the proxy's address
 * appended to x-forwarded-for; its body is streamed beside the call's own. Whatever becomes of the copy, the call does not notice.
 */
export function sendCopy(request: IncomingMessage, target: URL): void {
  const copy = httpRequest({
    agent,
    hostname: target.hostname,
    port: target.port,
    method: request.method,
    path: request.url,
    headers: copiedHeaders(request),
    setHost: false,
  });
  copy.on("error", () => copy.destroy());
  copy.on("response", (answer) => answer.resume().on("error", () => {}));
  request.on("data", (piece: Buffer) => copy.write(piece));
  request.on("end", () => copy.end());
  request.on("close", () => {
    if (!request.complete) copy.destroy();
  });
}

function copiedHeaders(request: IncomingMessage): IncomingMessage["headers"] {
  const before = request.headers["x-forwarded-for"];
  const own = "127.0.0.1";
  return {
    ...request.headers,
    "x-envoy-internal": "true",
    "x-forwarded-for": before === undefined ? own : `${String(before)},${own}`,
  };
}
