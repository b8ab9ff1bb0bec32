import assert from "node:assert/strict";
import { test } from "node:test";
import { explainFaults } from "../../virtual-service/index.js";
import { toReviews, virtualServicesOf } from "../support/virtual-service.js";

test("faults say what they do, to whom and how often", () => {
  const fault = {
    delay: { fixedDelay: "0.1s", percentage: { value: 20 } },
    abort: { grpcStatus: "UNAVAILABLE" },
  };
  const [one] = virtualServicesOf({ route: toReviews, fault });
  assert.deepEqual(explainFaults(one!), [
    "reviews: delays a call by 100 ms, 20% of them",
    "reviews: answers a call with gRPC status UNAVAILABLE itself, 0% of them",
  ]);
});
