import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import httpProxy from "http-proxy";

/** A way between two services that answers in place of the second one, as a fault filter does. */
export interface AbortingEdge {
  url: URL;
  stop(): Promise<void>;
}

/** Requests whose `x-request-id` begins with the mark get a 503; the others are passed on. */
export async function startAbortingEdge(target: URL, mark: string): Promise<AbortingEdge> {
  const proxy = httpProxy.createProxyServer({ target: target.origin });
  const server = createServer((request, response) => {
    if (String(request.headers["x-request-id"]).startsWith(mark)) {
      request.resume();
      response.writeHead(503, { "content-type": "text/plain" }).end("fault filter abort");
      return;
    }
    proxy.web(request, response, {}, () => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
