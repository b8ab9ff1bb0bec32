import assert from "node:assert/strict";
import { test } from "node:test";
import { sightingOf } from "../../../tape/calls/sighting.js";
import { linkTraces } from "../../../tape/calls/trace-keys.js";
import { exchangeHead } from "../../support/exchange-head.js";

test("identifiers are linked through any chain of sightings that carried two of them", () => {
  const both = (requestId: string, traceId: string) => sightingOf(exchangeHead({ trace: { requestId, traceId } }));
  const keyOf = linkTraces([both("r1", "t1"), both("r2", "t2"), both("r1", "t3"), both("r3", "t2"), both("r3", "t3")]);
  const keys = ["request r1", "request r2", "request r3", "trace t1", "trace t2", "trace t3"].map(keyOf);
  assert.equal(new Set(keys).size, 1);
  assert.equal(keyOf("trace other"), "trace other");
});
