import assert from "node:assert/strict";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { test } from "node:test";
import { speaksHttp2 } from "../../../replayer/send/index.js";
import { closedPort, listenOnLoopback } from "../../support/loopback.js";

test("a server of h2c says so; of HTTP/1.1, a closed port and a mute one do not", async (t) => {
  const ask = async (server: net.Server, withinMs = 60_000) =>
    speaksHttp2(`http://127.0.0.1:${await listenOnLoopback(t, server)}`, withinMs);
  assert.equal(await ask(http2.createServer()), true);
  assert.equal(await ask(http.createServer()), false);
  assert.equal(await ask(net.createServer(), 30), false);
  assert.equal(await speaksHttp2(`http://127.0.0.1:${await closedPort()}`, 60_000), false);
});

test("asking sends no request", async (t) => {
  let requests = 0;
  const server = http2.createServer(() => requests++);
  await speaksHttp2(`http://127.0.0.1:${await listenOnLoopback(t, server)}`, 60_000);
  assert.equal(requests, 0);
});
