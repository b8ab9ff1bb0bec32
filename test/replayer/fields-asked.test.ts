import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldsAsked } from "../../replayer/fields-asked.js";
import type { LandedStep } from "../../replayer/flight.js";
import { planLanes } from "../../replayer/lanes/plan-lanes.js";
import { rewriterFor } from "../../replayer/rewrite.js";
import { sentRequests } from "../../replayer/sent-request.js";
import { tapeOf } from "../support/replay-tape.js";

test("the fields told of a lane's request are those that went out, its host and marks among them", async () => {
  const tape = await tapeOf([{ startMs: 0, path: "/books", headers: ["baggage", "user=7", "accept", "*/*"] }]);
  const exchange = await tape.find(1);
  const lanes = planLanes({ target: "http://127.0.0.1:9081", baseline: "http://127.0.0.1:9080" });
  const fields = fieldsAsked(lanes, { run: "run1", requestOf: sentRequests({ headers: [] }, 1000) });
  const landed = { exchange: exchange!, step: { step: 4 } } as Pick<LandedStep, "step" | "exchange">;
  for (const [at, { name, target }] of lanes.entries()) {
    const told = fields(landed, at);
    const authority = new URL(target).host;
    const sent = rewriterFor({ run: "run1", lane: name, authority, pathPrefix: "", headers: [] })(exchange!.request, 4);
    const own = sent.own.list();
    for (let n = 0; n < own.length; n += 2) assert.equal(told.get(own[n]!), own[n + 1]);
    assert.equal(told.get("accept"), "*/*");
    assert.equal(told.get("host"), authority);
  }
});

test("of the recorded request it is those on the tape", async () => {
  const tape = await tapeOf([{ startMs: 0, path: "/books", headers: ["x-request-id", "recorded-1"] }]);
  const exchange = await tape.find(1);
  const fields = fieldsAsked([], { run: "run1", requestOf: sentRequests({ headers: [] }, 1000) });
  const told = fields({ exchange: exchange!, step: { step: 0 } } as Pick<LandedStep, "step" | "exchange">, undefined);
  assert.equal(told.get("x-request-id"), "recorded-1");
  assert.equal(told.get("host"), exchange!.request.authority);
});
