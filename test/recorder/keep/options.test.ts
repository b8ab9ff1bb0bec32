import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { checkKeepOptions, type KeepOptions } from "../../../recorder/index.js";
import { testRecorder } from "../../support/captured.js";

const recorder = testRecorder();

test("what can be done at the vantages is let through", () => {
  const rules = { keep: ["status = 5xx", "vantage = mirror and path = /"], drop: ["header.x-a = 1"] };
  checkKeepOptions({ recorder, rules, sample: { share: 0, by: "trace" }, mostCallsPerSecond: 0.5 }, ["inbound"]);
  checkKeepOptions({ recorder, sample: { share: 1, by: "request-id" } }, ["mirror", "outbound"]);
});

test("the first that cannot be is refused by its name", () => {
  const refusals: [Omit<KeepOptions, "recorder">, RegExp][] = [
    [
      { rules: { keep: [], drop: ["answer = failure"] } },
      /^--drop "answer = failure": "answer" is never known to a mirror/,
    ],
    [{ rules: { keep: ["path"], drop: [] } }, /^--keep: cannot read the selection "path": at character 5/],
    [{ sample: { share: -0.1, by: "trace" } }, /must be from 0 to 1 \(got -0\.1\)/],
    [{ sample: { share: Number.NaN, by: "trace" } }, /must be from 0 to 1/],
    [{ mostCallsPerSecond: -1 }, /must be more than 0 \(got -1\)/],
  ];
  for (const [options, message] of refusals) {
    assert.throws(
      () => checkKeepOptions({ recorder, ...options }, ["mirror"]),
      (thrown) => thrown instanceof OperatorError && message.test(thrown.message),
      String(message),
    );
  }
});
