import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { OperatorError } from "../../../base/index.js";
import { orderOptionsOf, orderSettings } from "../../../cli/replay/order.js";

const optionsOf = (settings: Record<string, unknown>) => orderOptionsOf(z.strictObject(orderSettings).parse(settings));

test("causal is the order, and nothing is bounded, unless said", () => {
  assert.deepEqual(optionsOf({}), {
    ...{ order: "causal", pace: { kind: "asap" }, concurrency: 32 },
    selection: { text: "all", entry: false },
  });
});

test("times are taken to the nanosecond, with and without a zone, as a day too", () => {
  const { selection } = optionsOf({ from: "2026-01-31T12:00:00.123456789Z", to: "2026-02-01" });
  assert.equal(selection.fromNs, BigInt(Date.UTC(2026, 0, 31, 12)) * 1_000_000n + 123_456_789n);
  assert.equal(selection.toNs, BigInt(Date.UTC(2026, 1, 1)) * 1_000_000n);
  assert.equal(selection.text, "from 2026-01-31T12:00:00.123456789Z; to 2026-02-01");
  const zoned = optionsOf({ from: "2026-01-31T13:00+01:00" }).selection;
  assert.equal(zoned.fromNs, BigInt(Date.UTC(2026, 0, 31, 12)) * 1_000_000n);
});

test("what is no time is refused with an example", () => {
  for (const from of ["yesterday", "2026-13-45", "12:00"]) {
    assert.throws(
      () => optionsOf({ from }),
      (error) => error instanceof OperatorError && /--from: expected a time such as/.test(error.message),
      from,
    );
  }
});

test("durations and counts become the room's options", () => {
  const { maxTimeMs, maxLatenessMs, follow, selection } = optionsOf({
    ...{ maxTime: "5m", maxLateness: "20ms", follow: true, repeat: "3", trace: "abc" },
  });
  assert.deepEqual([maxTimeMs, maxLatenessMs, follow], [300_000, 20, true]);
  assert.deepEqual([selection.repeat, selection.trace, selection.text], [3, "abc", "trace abc; 3 times"]);
});
