import assert from "node:assert/strict";
import { test } from "node:test";
import { none } from "../../../replayer/order/none.js";
import { stepAt } from "../../support/replay-values.js";

test("as many are in flight as concurrency allows, and the next goes when one is final", async () => {
  const order = none.start({ concurrency: 2 });
  const steps = [stepAt(0, 0, 1), stepAt(1, 10, 11), stepAt(2, 20, 21)];
  const gone: number[] = [];
  assert.equal(
    order.take(steps[0]!, () => gone.push(0)),
    undefined,
  );
  assert.equal(
    order.take(steps[1]!, () => gone.push(1)),
    undefined,
  );
  const held = order.take(steps[2]!, () => gone.push(2));
  assert.deepEqual(gone, [0, 1]);
  order.final(steps[1]!);
  await held;
  assert.deepEqual(gone, [0, 1, 2]);
});
