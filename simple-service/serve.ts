import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { allEndpoints } from "./endpoints/index.js";
import { jsonReply, type Reply, sendReply } from "./reply.js";
import { readRequest, type ServiceRequest } from "./request.js";
import type { Service } from "./service.js";

/** A service that listens. */
export interface RunningService {
  /** host:port. */
  listen: string;
  /** Takes no more calls, lets those in flight end for up to a second. Safe to call twice. */
  stop(): Promise<void>;
}

/** Starts answering. Rejects when the address cannot be listened on. */
export async function serve(service: Service, at: { host: string; port: number }): Promise<RunningService> {
  const server = createServer((incoming, response) => void answerOne(service, incoming, response));
  // Kept-alive connections stay until the other side closes them: a caller never meets one that is just closing.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  const host = address.includes(":") ? `[${address}]` : address;
  return { listen: `${host}:${port}`, stop: () => stopServer(server, service) };
}

async function answerOne(service: Service, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await sendReply(response, await replyTo(await readRequest(incoming), service));
  } catch (thrown) {
    // The client left mid-request, or a behave file asks for what cannot be rendered: the second is worth seeing.
    if (incoming.destroyed && !incoming.complete) return;
    if (!response.headersSent) await sendReply(response, jsonReply(500, { error: String(thrown) }));
    else response.destroy();
  }
}

async function replyTo(request: ServiceRequest, service: Service): Promise<Reply> {
  const behaved = await service.behaviour?.answer(request, service);
  if (behaved) return behaved;
  const endpoint = allEndpoints.find((known) => known.path === request.path);
  return endpoint ? endpoint.answer(request, service) : jsonReply(404, { error: "no such path", path: request.path });
}

const lastCallsMs = 1_000;

async function stopServer(server: Server, service: Service): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const hurry = setTimeout(() => server.closeAllConnections(), lastCallsMs);
  await closed;
  clearTimeout(hurry);
  service.peers.close();
}
