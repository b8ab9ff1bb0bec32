import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { drainOptionsOf, drainSettings } from "../../../cli/record/drain.js";

const read = (given: object) => drainOptionsOf(z.strictObject(drainSettings).parse(given));

test("a recorder that is asked to end ends at once, and waits ten seconds for calls in flight", () => {
  assert.deepEqual(read({}), { drainDelayMs: 0, drainMs: 10_000 });
});

test("both times are read with their units", () => {
  assert.deepEqual(read({ drainDelay: "5s", drainTimeout: "1m" }), { drainDelayMs: 5000, drainMs: 60_000 });
});
