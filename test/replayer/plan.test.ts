import assert from "node:assert/strict";
import { test } from "node:test";
import { type PlanChoice, planSteps } from "../../replayer/plan.js";
import type { Call, ExchangeHead } from "../../tape/index.js";
import { head } from "../support/replay-values.js";

const choice = (changes: Partial<PlanChoice> = {}): PlanChoice => ({
  allowWrites: false,
  skipRedacted: false,
  headers: [],
  selection: { text: "all" },
  ...changes,
});

const callOf = (best: ExchangeHead): Call => ({ best, sightings: [best], certainty: "exact", entry: true });
const plan = (best: ExchangeHead, changes: Partial<PlanChoice> = {}) => planSteps([callOf(best)], choice(changes));
const request = (changes: Partial<ExchangeHead["request"]>) => head({ request: changes });

test("what cannot be sent again is listed by its reason", () => {
  const cases: [ExchangeHead, string][] = [
    [request({ bodyKind: "cut" }), "truncated"],
    [request({ bodyKind: "unredactable" }), "truncated"],
    [request({ end: "aborted" }), "aborted"],
    [request({ end: "open" }), "open"],
    [request({ method: "CONNECT" }), "connect"],
    [request({ method: "POST" }), "unsafe-method"],
    [request({ method: "PROPFIND" }), "unsafe-method"],
    [head({ answer: { kind: "response", status: 101, end: "complete", bodyKind: "empty", bodyBytes: 0 } }), "upgrade"],
  ];
  for (const [best, reason] of cases) {
    const { steps, notSent } = plan(best);
    assert.deepEqual([steps.length, [...notSent]], [0, [[reason, 1]]], reason);
  }
});

test("safe methods are sent, and all others with allowWrites", () => {
  for (const method of ["GET", "HEAD", "OPTIONS", "TRACE"]) assert.equal(plan(request({ method })).steps.length, 1);
  assert.equal(plan(request({ method: "DELETE" }), { allowWrites: true }).steps.length, 1);
});

test("pseudonyms are counted by place, once a request, unless a header stands in for them", () => {
  const best = head({
    redacted: { request: ["header:authorization", "cookie:sid", "cookie:sid", "query:token"], answer: [] },
  });
  assert.deepEqual(
    [...plan(best).redacted],
    [
      ["header:authorization", 1],
      ["cookie:sid", 1],
      ["query:token", 1],
    ],
  );
  const headers = [
    ["Authorization", "Bearer live"],
    ["Cookie", "sid=live"],
  ] as const;
  assert.deepEqual([...plan(best, { headers }).redacted.keys()], ["query:token"]);
});

test("a key of idempotency that is a pseudonym is drawn anew, unless recorded ones are kept", () => {
  const best = head({ redacted: { request: ["header:x-idempotency-token"], answer: [] } });
  assert.deepEqual([...plan(best, { skipRedacted: true }).notSent], []);
  assert.deepEqual([...plan(best, { skipRedacted: true, keepIdempotencyKeys: true }).notSent], [["redacted", 1]]);
});

test("with skipRedacted a request with a pseudonym is left out, one whose pseudonyms are replaced is sent", () => {
  const best = head({ redacted: { request: ["header:x-api-key"], answer: [] } });
  assert.deepEqual([...plan(best, { skipRedacted: true }).notSent], [["redacted", 1]]);
  const replaced = plan(best, { skipRedacted: true, headers: [["x-api-key", ""]] });
  assert.deepEqual([replaced.steps.length, replaced.notSent.size], [1, 0]);
});

test("a Step keeps recorded times from the first Step's start, and what the vantage does not know is absent", () => {
  const calls = [
    head({ id: 7, startedNs: 5_000n, answerEndedNs: 9_000n }),
    head({ id: 8, startedNs: 6_000n, answer: { kind: "unknown" } }),
    head({
      id: 9,
      startedNs: 7_000n,
      answer: { kind: "response", status: 200, end: "open", bodyKind: "empty", bodyBytes: 0 },
    }),
  ].map((best) => {
    if (best.id !== 7) delete best.answerEndedNs;
    return callOf(best);
  });
  const { steps, firstNs } = planSteps(calls, choice());
  assert.equal(firstNs, 5_000n);
  assert.deepEqual(
    [...steps],
    [
      { step: 0, exchangeId: 7, startedNs: 0, endedNs: 4_000, open: false, recordedStatus: 200 },
      { step: 1, exchangeId: 8, startedNs: 1_000, open: false },
      { step: 2, exchangeId: 9, startedNs: 2_000, open: true, recordedStatus: 200 },
    ],
  );
});

test("limit counts Steps, not what is left out", () => {
  const calls = [request({ method: "POST" }), head({ id: 2 }), head({ id: 3 }), head({ id: 4 })].map(callOf);
  const { steps } = planSteps(calls, choice({ selection: { text: "", limit: 2 } }));
  assert.deepEqual(
    Array.from(steps, ({ exchangeId }) => exchangeId),
    [2, 3],
  );
});
