import http from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import type { SeededMessage } from "./seeded-places.js";

/** A service that answers `/answer/N…` with the N-th of the messages it is given; they may be changed meanwhile. */
export async function startSeededService(t: TestContext, answers: () => readonly SeededMessage[]): Promise<string> {
  const server = http.createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const number = /^\/answer\/(\d+)/.exec(request.url ?? "")?.[1];
      const { headers = [], trailers, body } = (number && answers()[Number(number)]) || {};
      response.writeHead(200, trailers ? [...headers, "trailer", "x"] : headers);
      // Two writes, so that what is in the middle of the body comes in two pieces.
      const middle = Math.floor((body?.length ?? 0) / 2);
      if (body) response.write(body.subarray(0, middle));
      if (trailers) response.addTrailers(inPairs(trailers));
      response.end(body?.subarray(middle));
    });
  });
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) =>
    socket.on("message", (text, isBinary) => socket.send(text, { binary: isBinary })),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends a message as a POST, its body in pieces of seven bytes chunked where it has one; resolves when it was answered. */
export function sendSeeded(port: number, message: SeededMessage): Promise<void> {
  const { path = "/", headers = [], trailers, body } = message;
  return new Promise((resolve, reject) => {
    const all = [...headers, "host", "service.test", "transfer-encoding", "chunked"];
    const request = http.request({ port, host: "127.0.0.1", method: "POST", path, headers: all });
    request.on("error", reject);
    request.on("response", (response) => response.resume().on("end", resolve).on("error", reject));
    for (let at = 0; at < (body?.length ?? 0); at += 7) request.write(body!.subarray(at, at + 7));
    if (trailers) request.addTrailers(inPairs(trailers));
    request.end();
  });
}

/** Asks for an answer. */
export function askFor(port: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.get({ port, host: "127.0.0.1", path });
    request.on("error", reject);
    request.on("response", (response) => response.resume().on("end", resolve).on("error", reject));
  });
}

/** Sends messages in fragments of five bytes over a WebSocket and waits until each has come back. */
export async function talkSeeded(port: number, messages: readonly (string | Buffer)[]): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, { perMessageDeflate: false });
  await new Promise<void>((resolve, reject) => socket.once("open", resolve).once("error", reject));
  for (const message of messages) {
    const bytes = Buffer.from(message as string);
    const back = new Promise<void>((resolve) => socket.once("message", () => resolve()));
    for (let at = 0; at < bytes.length; at += 5) {
      const fin = at + 5 >= bytes.length;
      socket.send(bytes.subarray(at, at + 5), { fin, binary: typeof message !== "string" });
    }
    await back;
  }
  await new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
    socket.close();
  });
}

function inPairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at]!, flat[2 * at + 1]!]);
}
