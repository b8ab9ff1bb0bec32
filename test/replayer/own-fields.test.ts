import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ownFieldsMaker } from "../../replayer/own-fields.js";

test("what is written in HTTP/1.1 says what the list of fields says, for every Step, baggage, fault and field given", () => {
  const name = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
  const baggage = fc.constantFrom("", "user=7,", "a=1;p=2,b=3,");
  const fault = fc.constantFrom(undefined, { name: "slow", mark: "0f0f0f0f" });
  const given = fc.subarray(["x-request-id", "traceparent", "baggage", "x-other"]);
  fc.assert(
    fc.property(name, name, fc.nat(), baggage, fault, given, (run, lane, step, members, met, names) => {
      const own = ownFieldsMaker({ run, lane }, new Set(names))(step, members, met);
      const list = own.list();
      const lines = list.flatMap((text, at) => (at % 2 === 0 ? [`${text}: ${list[at + 1]}`] : []));
      assert.deepEqual(own.lines()?.split("\r\n").sort(), ["", ...lines].sort());
    }),
  );
});
