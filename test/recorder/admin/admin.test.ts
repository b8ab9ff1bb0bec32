import assert from "node:assert/strict";
import { test } from "node:test";
import { askHttp1 } from "../../support/clients.js";
import { RawClient } from "../../support/raw-client.js";
import { startTestRecorder } from "../../support/start-recorder.js";
import { until } from "../../support/until.js";

async function page(address: string, path: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(`http://${address}${path}`);
  return { status: answer.status, text: await answer.text() };
}

test("the metrics count what happened, in Prometheus text", async (t) => {
  const { port, admin } = await startTestRecorder(t, { admin: "127.0.0.1:0" });
  await askHttp1(port, {
    method: "GET",
    path: "/a?token=hunter1",
    headers: [["authorization", "Bearer hunter2"]],
  });
  const text = await until("a kept call", async () => {
    const metrics = (await page(admin!, "/metrics")).text;
    return metrics.includes("\ntapeloop_recorder_kept_total 1\n") ? metrics : undefined;
  });
  for (const line of text.trim().split("\n")) {
    assert.match(
      line,
      /^(# (HELP|TYPE) tapeloop_recorder_\w+ .+|tapeloop_recorder_\w+(\{le="[^"]+"\})? \d+(\.\d+)?(e-\d+)?)$/,
    );
  }
  assert.match(text, /\ntapeloop_recorder_seen_total 1\n/);
  assert.match(text, /\ntapeloop_recorder_sampled_out_total 0\n/);
  assert.match(text, /\ntapeloop_recorder_flush_seconds_bucket\{le="\+Inf"\} 1\n/);
  assert.match(text, /\ntapeloop_recorder_flush_seconds_count 1\n/);
  assert.ok(!text.includes("hunter"));
});

test("a recorder is healthy and ready, until it drains", async (t) => {
  const recorder = await startTestRecorder(t, { admin: "127.0.0.1:0" });
  assert.deepEqual(await page(recorder.admin!, "/healthz"), { status: 200, text: "ok\n" });
  assert.deepEqual(await page(recorder.admin!, "/readyz"), { status: 200, text: "ready\n" });
  const client = new RawClient(t, recorder.port).send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n");
  await new RawClient(t, recorder.port).send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").until("200 OK");
  const stopping = recorder.stop();
  assert.deepEqual(await page(recorder.admin!, "/readyz"), { status: 503, text: "draining\n" });
  assert.equal((await page(recorder.admin!, "/healthz")).status, 200);
  client.send("ok");
  await stopping;
  await assert.rejects(fetch(`http://${recorder.admin}/healthz`));
});

test("other pages are not there", async (t) => {
  const { admin } = await startTestRecorder(t, { admin: "127.0.0.1:0" });
  assert.equal((await page(admin!, "/")).status, 404);
});
