import assert from "node:assert/strict";
import http from "node:http";
import { type TestContext, test } from "node:test";
import { parseFaultPlan } from "../../../replayer/faults/fault-plan.js";
import type { ReplayOptions } from "../../../replayer/index.js";
import { closedPort, listenOnLoopback } from "../../support/loopback.js";
import { tapeOf } from "../../support/replay-tape.js";
import { replayed, replayOptions } from "../../support/replaying.js";

/** Lanes of one run against targets that say who was asked, in which order. */
async function mesh(t: TestContext) {
  const events: string[] = [];
  const serve = async (name: string, body: (request: http.IncomingMessage) => unknown = () => ({ ok: true })) => {
    const listener: http.RequestListener = (request, response) => {
      const lane = String(request.headers["x-tapeloop-lane"]);
      events.push(`${name} ${lane} ${request.url}`);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(body(request)));
    };
    return `http://127.0.0.1:${await listenOnLoopback(t, http.createServer(listener))}`;
  };
  return { events, serve };
}

const paths = ["/a", "/b", "/c"];
const tape = () => tapeOf(paths.map((path, at) => ({ startMs: at * 10, path })));
const run = async (target: string, changes: Partial<ReplayOptions>) =>
  await replayed(await tape(), replayOptions(target, { order: "serial", ...changes }));

test("in turn, the whole tape goes to each lane, with the reset between, and all is compared as in step", async (t) => {
  const { events, serve } = await mesh(t);
  const old = await serve("old");
  const next = await serve("new", ({ url }) => (url === "/b" ? {} : { ok: true }));
  const sequence = { reset: async (lane: string) => void events.push(`reset ${lane}`) };
  const { summary, kept } = await run(next, { baseline: old, aa: true, sequence, maxResend: 0 });
  assert.deepEqual(events, [
    ...paths.map((path) => `old baseline ${path}`),
    "reset baseline-again",
    ...paths.map((path) => `old baseline-again ${path}`),
    "reset candidate",
    ...paths.map((path) => `new candidate ${path}`),
  ]);
  const { verdict, sent, compared, order } = summary;
  assert.deepEqual([verdict, sent, compared, order.violated], ["diverged", 3, 3, 0]);
  // Three turns of the three pairs of three calls in a row.
  assert.equal(order.required, 9);
  assert.deepEqual(
    summary.divergences.map(({ place, count }) => [place, count]),
    [["body:/ok", 1]],
  );
  assert.deepEqual(
    summary.lanes.map(({ name, repeat, answered, fromDue }) => [name, repeat, answered, fromDue.min >= 0]),
    [
      ["baseline", undefined, 3, true],
      ["baseline-again", true, 3, true],
      ["candidate", undefined, 3, true],
    ],
  );
  assert.equal(kept.outcomes.filter(({ lane }) => lane === "baseline").length, 3);
});

test("a reset that fails ends the run", async (t) => {
  const { events, serve } = await mesh(t);
  const old = await serve("old");
  const sequence = { reset: async () => Promise.reject(new Error("no database")) };
  await assert.rejects(run(await serve("new"), { baseline: old, sequence }), /no database/);
  assert.equal(events.length, 3);
});

test("a Step that meets a fault goes out with its mark, in the lanes under the plan alone", async (t) => {
  const marks: string[] = [];
  const { serve } = await mesh(t);
  const target = await serve("new", ({ headers, url }) => {
    const faulted = /tapeloop\.fault=([^,]*)/.exec(String(headers.baggage))?.[1];
    const mark = String(headers["x-request-id"]).startsWith("feed0001") ? "marked" : "plain";
    marks.push(`${headers["x-tapeloop-lane"]} ${url} ${mark} ${faulted}`);
    return mark === "marked" ? { ok: false } : { ok: true };
  });
  const faults = parseFaultPlan('faults: [{ name: cut, mark: "feed0001", where: path = "/b" }]', "plan.yaml");
  const { summary } = await run(target, { faults });
  assert.deepEqual(marks.toSorted(), [
    ...paths.map((path) => `candidate ${path} plain undefined`),
    ...["candidate+faults /a plain undefined", "candidate+faults /b marked cut", "candidate+faults /c plain undefined"],
  ]);
  const [found] = summary.divergences;
  assert.deepEqual([found!.attribution, found!.place, found!.count, found!.of], ["fault", "body:/ok", 1, 1]);
  assert.match(found!.evidence, /^under "cut" candidate\+faults differs from candidate in 1 of 1/);
  assert.equal(summary.verdict, "diverged");
});

test("with A/A, what the baseline itself answers otherwise is noise, and its bound is told", async (t) => {
  let count = 0;
  const { serve } = await mesh(t);
  const noisy = () => ({ ok: true, at: Math.sin(count++) });
  const { summary } = await run(await serve("new", noisy), { baseline: await serve("old", noisy), aa: true });
  assert.deepEqual(
    summary.divergences.map(({ place, attribution }) => [place, attribution]),
    paths.map(() => ["body:/at", "noise"]),
  );
  assert.match(
    summary.divergences[0]!.evidence,
    /^the baseline, sent everything twice, differed from itself in 1 of 1/,
  );
  assert.deepEqual(summary.noise, { control: "again", pairs: 3, noisyPlaces: 3, bound: 1, resent: 0 });
  assert.equal(summary.verdict, "passed");
});

test("a lane that is down is said, and the verdict is inconclusive", async (t) => {
  const { serve } = await mesh(t);
  const down = `http://127.0.0.1:${await closedPort()}`;
  const target = await serve("new");
  const lanes = [{ name: "canary", target: down, version: "new" as const }];
  const { summary } = await run(target, { baseline: await serve("old"), lanes, maxResend: 0 });
  assert.equal(summary.verdict, "inconclusive");
  assert.deepEqual(summary.reasons, [`candidate "canary" at ${down} answered none of 3 requests`]);
});
