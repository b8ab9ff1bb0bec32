import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { orderNames, orders, parseOrder } from "../../../replayer/order/index.js";

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
