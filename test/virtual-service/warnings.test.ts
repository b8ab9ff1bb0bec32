import assert from "node:assert/strict";
import { test } from "node:test";
import { warningsOf } from "../../virtual-service/index.js";
import { toReviews, virtualServicesOf } from "../support/virtual-service.js";

test("a fault without a percentage and a route that hides others are warned of", () => {
  const all = virtualServicesOf(
    { route: toReviews, fault: { delay: { fixedDelay: "1s" }, abort: { httpStatus: 500, percentage: { value: 1 } } } },
    { route: toReviews },
  );
  assert.deepEqual(warningsOf(all), [
    "reviews: spec.http[0].fault.delay has no percentage, so it never fires",
    "reviews: spec.http[0] takes every request, so the routes after it are never reached",
  ]);
});

test("what is as it should be is not warned of", () => {
  const match = [{ uri: { prefix: "/a" } }];
  assert.deepEqual(warningsOf(virtualServicesOf({ match, route: toReviews }, { route: toReviews })), []);
});
