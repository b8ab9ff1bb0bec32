import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../base/index.js";
import { guardTargets, parseTarget } from "../../replayer/target.js";

const guard = (target: string, changes: { baseline?: string; recorded?: string; flags?: object } = {}) =>
  guardTargets(
    {
      target,
      sameTarget: false,
      targetIsATest: false,
      ...(changes.baseline === undefined ? {} : { baseline: changes.baseline }),
      ...changes.flags,
    },
    { authorities: new Set([changes.recorded ?? "reviews:9080"]) },
  );

test("a base URL is taken apart", () => {
  assert.deepEqual(parseTarget("http://Reviews.test:80/v2/"), {
    origin: "http://reviews.test",
    authority: "reviews.test",
    pathPrefix: "/v2",
    hostname: "reviews.test",
    port: "80",
  });
  assert.equal(parseTarget("https://[::1]:8443").hostname, "::1");
});

test("what is no base URL is refused with its text", () => {
  for (const text of ["reviews:9080", "ftp://a", "", "http://", "http://a/?x=1", "http://u:p@a/"]) {
    assert.throws(
      () => parseTarget(text),
      (error) => error instanceof OperatorError && error.message.includes(`"${text}"`),
      text,
    );
  }
});

test("a host that is not this machine needs to be said to be a test, as target and as baseline", () => {
  assert.throws(() => guard("http://reviews-v2:9080"), /--target-is-a-test/);
  assert.throws(
    () => guard("http://127.0.0.1:1", { baseline: "http://10.0.0.7:1" }),
    /10\.0\.0\.7.*--target-is-a-test/,
  );
  guard("http://reviews-v2:9080", { flags: { targetIsATest: true } });
  for (const host of ["localhost", "127.0.0.1", "127.8.9.1", "[::1]", "a.localhost"]) guard(`http://${host}:1`);
});

test("a target where the tape was recorded is refused, whatever port of a named host, the same port of loopback", () => {
  const test = { targetIsATest: true };
  assert.throws(() => guard("http://reviews:9081", { flags: test }), /recorded at reviews:9080.*--same-target/);
  assert.throws(() => guard("http://REVIEWS/", { recorded: "reviews", flags: test }), /--same-target/);
  assert.throws(() => guard("http://localhost:7000", { recorded: "127.0.0.1:7000" }), /--same-target/);
  guard("http://127.0.0.1:7001", { recorded: "127.0.0.1:7000" });
  guard("http://127.0.0.1:7000", { recorded: "127.0.0.1:7000", flags: { sameTarget: true } });
  guard("http://127.0.0.1:7000", { recorded: "not an authority" });
});

test("a refusal names the option that the target came from", () => {
  const recorded = "127.0.0.1:7000";
  const [there, elsewhere] = ["http://127.0.0.1:7000", "http://127.0.0.1:7001"];
  const lanes = [{ name: "old", target: there, version: "old" }];
  assert.throws(() => guard(there, { recorded }), /\(--target\): .*give another --target, or --same-target/);
  assert.throws(
    () => guard(elsewhere, { baseline: there, recorded }),
    /:7000 \(--baseline\): .*another --baseline, or/,
  );
  assert.throws(
    () => guard(elsewhere, { recorded, flags: { lanes } }),
    /\(--lane old\): .*give another --lane old, or/,
  );
  assert.throws(() => guard(elsewhere, { baseline: "http://10.0.0.7:1" }), /:1 \(--baseline\): 10\.0\.0\.7 is not/);
  const byAuthority = { "namespace a": { reviews: { url: elsewhere } }, "namespace b": { reviews: { url: there } } };
  assert.throws(
    () => guard("namespace a", { baseline: "namespace b", recorded, flags: { byAuthority } }),
    /\(--baseline-namespace\)/,
  );
});
