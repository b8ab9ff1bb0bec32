import assert from "node:assert/strict";
import { test } from "node:test";
import { planTraffic, sendTraffic } from "../../../cli/demo/traffic.js";
import { startSink } from "../../support/sink.js";

test("the calls are the same at each run, of every route, each with an id of its own", () => {
  const calls = planTraffic(300);
  assert.deepEqual(planTraffic(300), calls);
  assert.equal(new Set(calls.map(({ requestId }) => requestId)).size, 300);
  const shapes = new Set(calls.map(({ method, path }) => `${method} ${path.replace(/\d+/, "N")}`));
  assert.deepEqual([...shapes].sort(), [
    "GET /products/N",
    "GET /products/N/rating",
    "GET /products?page=N",
    "POST /products/N/reviews",
  ]);
});

test("every call is sent, once, with its host, id and body", async (t) => {
  const sink = await startSink(t);
  const calls = planTraffic(40);
  await sendTraffic(calls, new URL(sink.url), "shop", new AbortController().signal);
  const sent = sink.got.map(
    ({ method, url, headers, body }) => `${headers["x-request-id"]} ${headers.host} ${method} ${url} ${body}`,
  );
  const expected = calls.map(
    ({ requestId, method, path, body }) => `${requestId} shop ${method} ${path} ${body ?? ""}`,
  );
  assert.deepEqual(sent.sort(), expected.sort());
});

test("a call that fails ends the traffic with its name", async (t) => {
  const sink = await startSink(t, (response) => void response.writeHead(500).end());
  const [first] = planTraffic(1);
  await assert.rejects(
    sendTraffic([first!], new URL(sink.url), "shop", new AbortController().signal),
    new RegExp(`the demo's own ${first!.method} ${first!.path.replace("?", "\\?")} was answered 500`),
  );
});
