import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { serial } from "../../../replayer/order/serial.js";
import { playThrough } from "../../support/play-through.js";
import { certified, stepAt } from "../../support/replay-values.js";

test("one call is in flight, whatever overlapped on the tape and with or without recorded ends", () => {
  const delays = fc.array(fc.nat(50), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(delays, fc.boolean(), (delaysMs, hasEnds) => {
      const steps = delaysMs.map((_, at) => stepAt(at, at, hasEnds ? at + 1_000 : undefined));
      const certificate = certified("serial", playThrough(serial.start({ concurrency: 9 }), steps, delaysMs));
      assert.equal(certificate.required, (steps.length * (steps.length - 1)) / 2);
      assert.equal(certificate.violated, 0);
    }),
  );
});

test("a call that was left open on the tape holds nobody back", () => {
  const order = serial.start({ concurrency: 1 });
  const gone: number[] = [];
  order.take(stepAt(0, 0, undefined, { open: true }), () => gone.push(0));
  order.take(stepAt(1, 10, 20), () => gone.push(1));
  order.take(stepAt(2, 30, 40), () => gone.push(2));
  assert.deepEqual(gone, [0, 1]);
});
