import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface Sunk {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A server that keeps what it is sent, whole requests only, and answers an empty 200 after the body, as a mirror recorder does. */
export async function startSink(t: TestContext, answer: (response: ServerResponse) => void = (r) => void r.end()) {
  const got: Sunk[] = [];
  const waiting: { count: number; enough: () => void }[] = [];
  const server = createServer(async (request, response) => {
    got.push({ method: request.method!, url: request.url!, headers: request.headers, body: await textOf(request) });
    answer(response);
    for (const { count, enough } of waiting) if (got.length >= count) enough();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  /** Resolves when that many requests have come. */
  const until = (count: number) =>
    got.length >= count ? Promise.resolve() : new Promise<void>((enough) => waiting.push({ count, enough }));
  return { url, got, until };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request.setEncoding("utf8")) text += piece as string;
  return text;
}
