import assert from "node:assert/strict";
import http2 from "node:http2";
import { test } from "node:test";
import { listenOnLoopback } from "../../support/loopback.js";
import { senderTo, wireRequest } from "../../support/wire-request.js";

const request = wireRequest({ protocol: "h2" });

test("a stream the server refused unprocessed is sent on a new session; one it reset is a failure", async (t) => {
  let streams = 0;
  const server = http2.createServer().on("stream", (stream, headers) => {
    streams++;
    stream.on("error", () => {});
    if (headers[":path"] === "/reset") stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    else if (streams === 1) stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    else stream.respond({ ":status": 204 }, { endStream: true });
  });
  const sender = senderTo(t, `http://127.0.0.1:${await listenOnLoopback(t, server)}`, { http2: true });
  const { answer } = await sender.send(request, 60_000);
  assert.equal(answer.kind === "response" && answer.status, 204);
  assert.equal(streams, 2);
  const reset = await sender.send({ ...request, path: "/reset" }, 60_000);
  assert.equal(reset.answer.kind === "failure" && reset.answer.reason, "reset");
  assert.equal(streams, 3);
});

test("a server that refuses everything is not asked for ever", async (t) => {
  let streams = 0;
  const server = http2.createServer().on("stream", (stream) => {
    streams++;
    stream.on("error", () => {});
    stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
  });
  const sender = senderTo(t, `http://127.0.0.1:${await listenOnLoopback(t, server)}`, { http2: true });
  const { answer } = await sender.send(request, 60_000);
  assert.equal(answer.kind === "failure" && answer.reason, "reset");
  assert.equal(streams, 4);
});

test("after a GOAWAY requests take a new session and every answer arrives", async (t) => {
  let sessions = 0;
  const server = http2.createServer();
  server.on("session", () => sessions++);
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200 });
    stream.end("ok");
    stream.session?.goaway(http2.constants.NGHTTP2_NO_ERROR, stream.id);
  });
  const sender = senderTo(t, `http://127.0.0.1:${await listenOnLoopback(t, server)}`, { http2: true });
  for (let at = 0; at < 5; at++) {
    const { answer } = await sender.send(request, 60_000);
    assert.equal(answer.kind === "response" && answer.end, "complete");
  }
  assert.ok(sessions >= 2, `${sessions} sessions`);
});

test("more calls than a session takes at once are spread over several, so none waits for another", async (t) => {
  const waiting: http2.ServerHttp2Stream[] = [];
  let sessions = 0;
  const server = http2.createServer({ settings: { maxConcurrentStreams: 2 } });
  server.on("session", () => sessions++);
  server.on("stream", (stream, headers) => {
    if (headers[":path"] === "/first") return stream.respond({ ":status": 204 }, { endStream: true });
    waiting.push(stream);
    if (waiting.length === 5) for (const held of waiting) held.respond({ ":status": 204 }, { endStream: true });
  });
  const sender = senderTo(t, `http://127.0.0.1:${await listenOnLoopback(t, server)}`, { http2: true });
  // Only a session that has greeted has said how many it takes.
  await sender.send({ ...request, path: "/first" }, 60_000);
  const answers = await Promise.all(
    Array.from({ length: 2 }, () => sender.send(request, 60_000)).concat(
      Array.from({ length: 3 }, () => sender.send(request, 60_000)),
    ),
  );
  assert.ok(answers.every(({ answer }) => answer.kind === "response" && answer.status === 204));
  assert.ok(sessions >= 2, `${sessions} sessions`);
});
