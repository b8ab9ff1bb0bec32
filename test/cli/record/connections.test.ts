import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { connectionOptionsOf, connectionSettings } from "../../../cli/record/connections.js";

const read = (given: object) => connectionOptionsOf(z.strictObject(connectionSettings).parse(given));

test("limits have the defaults that the docs say", () => {
  assert.deepEqual(read({}), { maxHeaderBytes: 262_144, maxConnections: 10_000, idleMs: 3_600_000 });
});

test("limits are read with their units, also from the environment as text", () => {
  const given = { maxHeaders: "64KiB", maxConnections: "12", idleTimeout: "0s" };
  assert.deepEqual(read(given), { maxHeaderBytes: 65_536, maxConnections: 12, idleMs: 0 });
  assert.throws(() => read({ maxHeaders: "10B" }));
  assert.throws(() => read({ maxConnections: "0" }));
});
