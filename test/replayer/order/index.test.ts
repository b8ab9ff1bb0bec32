import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { orderNames, orders, parseOrder } from "../../../replayer/order/index.js";
import { stepAt } from "../../support/replay-values.js";

test("each order is found by its own name and says what it promises", () => {
  for (const name of orderNames) {
    assert.equal(parseOrder(name), name);
    assert.equal(orders[name].name, name);
    assert.match(orders[name].promise, /\w+ \w+/);
  }
});

test("an unknown order is refused with the known ones", () => {
  assert.throws(
    () => parseOrder("random"),
    (error) => error instanceof OperatorError && /"random".*causal, recorded, serial, none/.test(error.message),
  );
});

for (const name of orderNames) {
  test(`order ${name} holds nobody back once it was let go, neither who is held nor who comes after`, async () => {
    const order = orders[name].start({ concurrency: 1 });
    const asked: number[] = [];
    const take = (at: number) => order.take(stepAt(at, at * 20, at * 20 + 10), () => asked.push(at));
    assert.equal(take(0), undefined);
    const held = [];
    for (let at = 1; at < 6 && held.length === 0; at++) held.push(...[take(at)].filter((one) => one !== undefined));
    assert.equal(held.length, 1);
    order.letGo();
    await held[0];
    assert.equal(take(6), undefined);
  });

  test(`order ${name} goes on offering when a Step could not be sent for an error`, async () => {
    const order = orders[name].start({ concurrency: 1 });
    const first = stepAt(0, 0, 10);
    order.take(first, () => {});
    const held = order.take(stepAt(1, 20, 30), () => assert.fail("cannot be sent"));
    assert.throws(() => order.final(first), /cannot be sent/);
    await held;
  });
}
