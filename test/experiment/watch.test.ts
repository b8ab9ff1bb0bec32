import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import type { ThresholdSpec } from "../../experiment/file/schema.js";
import { Watch } from "../../experiment/watch/watch.js";
import { ruleInWords, watchedOf } from "../../experiment/watch/watched.js";
import { askWebhook } from "../../experiment/watch/webhook.js";
import { closedPort, listenOnLoopback } from "../support/loopback.js";

const state = { experiment: "trial", run: "run1", state: "Running", elapsedMs: 5, thresholds: [] };

test("a webhook says yes by any 2xx, no by its JSON, and all else is unknown", async (t) => {
  let answer = { status: 204, text: "" };
  const server = http.createServer((_request, response) => response.writeHead(answer.status).end(answer.text));
  const url = `http://127.0.0.1:${await listenOnLoopback(t, server)}/hook`;
  const well = { kind: "value", value: 0, trips: false };
  for (const [status, text, expected] of [
    [204, "", well],
    [200, "fine", well],
    [201, '{"ok":true}', well],
    [200, '{"ok":false,"reason":"no"}', { kind: "value", value: 1, trips: true, of: "no" }],
    [200, '{"ok":false}', { kind: "value", value: 1, trips: true }],
    [302, "", { kind: "unknown", why: "the webhook answered 302" }],
    [500, '{"ok":true}', { kind: "unknown", why: "the webhook answered 500" }],
  ] as const) {
    answer = { status, text };
    assert.deepEqual(await askWebhook(url, state), expected);
  }
  assert.equal((await askWebhook(`http://127.0.0.1:${await closedPort()}`, state)).kind, "unknown");
});

const failed: ThresholdSpec = { name: "few", stream: "failed", trips: "> 1", in: "10s" };

test("a rule is said as a person says it", () => {
  assert.equal(ruleInWords(failed), "answers that failed (none, or 5xx) > 1 in 10s");
  assert.equal(ruleInWords({ name: "q", prometheus: "up", trips: "< 1", for: "30s" }), "up < 1 for 30s");
  assert.equal(
    ruleInWords({ name: "d", divergences: { blast: ["propagated"] }, trips: "> 0" }),
    "divergences (propagated) > 0",
  );
});

test("a threshold of our own stream is told of once, with the answer that trips it", async () => {
  const threshold = watchedOf(failed, { candidates: ["candidate"] });
  const told: string[] = [];
  let nowMs = 0;
  const watch = new Watch({
    clock: { now: () => nowMs, epochNsAtZero: 0n, sleepUntil: async () => {} },
    ...{ thresholds: [threshold], prometheus: undefined, everyMs: 1_000, originMs: 0 },
    stateNow: () => state,
    onStanding: ({ spec }, { kind }) => told.push(`${spec.name} ${kind} at ${nowMs}`),
  });
  watch.begin(["candidate"]);
  for (const answered of ["200", "503", "200", "reset", "503"]) {
    nowMs += 10;
    watch.step({
      differs: false,
      outcomes: [{ lane: "candidate", answered, said: answered, isResponse: answered !== "reset", tookMs: 1 }],
    });
  }
  assert.deepEqual(told, ["few tripped at 40"]);
});
