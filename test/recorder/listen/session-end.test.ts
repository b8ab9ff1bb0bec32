import assert from "node:assert/strict";
import http2 from "node:http2";
import net from "node:net";
import { type TestContext, test } from "node:test";
import { endWithClient } from "../../../recorder/listen/session-end.js";
import { RawClient } from "../../support/raw-client.js";
import { until } from "../../support/until.js";

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/** HEADERS that HPACK cannot take apart: an index that no table has. */
const undecodable = "\0\0\x01\x01\x05\0\0\0\x01\xff";

test("a session ends when its client closes its half of the connection", async (t) => {
  const server = await startServer(t, 60_000);
  const client = new RawClient(t, server.port).send(preface);
  await until("the session", () => server.sockets.size === 1);
  client.socket.end();
  await until("the socket to be gone", () => server.sockets.size === 0);
});

test("a session that nghttp2 gave up is let go when its client is silent", async (t) => {
  const server = await startServer(t, 50);
  const client = new RawClient(t, server.port).send(preface + undecodable);
  await client.untilClosed();
  await until("the socket to be gone", () => server.sockets.size === 0);
});

test("a session whose client answers stays", async (t) => {
  const server = await startServer(t, 20);
  const client = http2.connect(`http://127.0.0.1:${server.port}`);
  t.after(() => client.destroy());
  let pings = 0;
  client.on("ping", () => pings++);
  await until("several questions", () => pings >= 3);
  assert.equal(server.sockets.size, 1);
});

/** Sockets may stay half open, as those of an HTTP/1.1 server. */
async function startServer(t: TestContext, probeMs: number): Promise<{ port: number; sockets: Set<net.Socket> }> {
  const sockets = new Set<net.Socket>();
  const sessions = http2.createServer();
  const door = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)));
    socket.on("error", () => {});
    sessions.once("session", (session) => {
      session.on("error", () => {});
      endWithClient(session, socket, probeMs);
    });
    sessions.emit("connection", socket);
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    door.close();
  });
  return { port: (door.address() as net.AddressInfo).port, sockets };
}
