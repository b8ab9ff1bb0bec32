import assert from "node:assert/strict";
import http2 from "node:http2";
import { test } from "node:test";
import { RawClient } from "../../support/raw-client.js";
import { startTestRecorder } from "../../support/start-recorder.js";
import { until } from "../../support/until.js";

const get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

test("a connection above the limit is closed at once, and counted", async (t) => {
  const recorder = await startTestRecorder(t, { maxConnections: 2 });
  const [first, second] = [new RawClient(t, recorder.port), new RawClient(t, recorder.port)];
  await Promise.all([first.send(get).until("200 OK"), second.send(get).until("200 OK")]);
  await new RawClient(t, recorder.port).untilClosed();
  first.abort();
  await until("room for another", async () => {
    const other = new RawClient(t, recorder.port).send(get);
    await until("an answer or a close", () => other.isClosed || other.received !== "");
    return other.received.includes("200 OK");
  });
  await recorder.stop();
  assert.ok(recorder.writer.counted.refused! >= 1);
});

test("a connection without a call is closed after the idle time, one with a call is not", async (t) => {
  const { port } = await startTestRecorder(t, { idleMs: 200 });
  const idle = new RawClient(t, port).send(get);
  const busy = new RawClient(t, port).send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\na");
  await idle.untilClosed();
  const later = new RawClient(t, port).send(get);
  await later.untilClosed();
  assert.match(idle.received, /200 OK/);
  assert.equal(busy.isClosed, false);
  await busy.send("b").until("200 OK");
});

test("an idle HTTP/2 connection is told to go", async (t) => {
  const { port } = await startTestRecorder(t, { idleMs: 200 });
  const session = http2.connect(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  await new Promise((resolve) => session.on("close", resolve));
});

test("fields above the limit are a 431, over HTTP/1", async (t) => {
  const { port } = await startTestRecorder(t, { maxHeaderBytes: 2048 });
  const client = new RawClient(t, port).send(`GET / HTTP/1.1\r\nhost: a\r\nx: ${"v".repeat(4000)}\r\n\r\n`);
  assert.match(await client.untilClosed(), /^HTTP\/1\.1 431 /);
});
