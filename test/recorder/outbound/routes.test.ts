import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hostAndPort, matchesHost } from "../../../recorder/outbound/routes.js";

for (const [pattern, authority, isMeant] of [
  ["reviews", "reviews", true],
  ["reviews", "Reviews:9080", true],
  ["reviews:9080", "reviews", false],
  ["reviews:9080", "reviews:9080", true],
  ["reviews:9080", "reviews:90", false],
  ["*.svc", "reviews.svc:80", true],
  ["*.svc", "a.b.svc", true],
  ["*.svc", "svc", false],
  ["*.svc", "evilsvc", false],
  ["*", "", true],
  ["*:443", "a:80", false],
  ["a.example", "a.example.", true],
  ["[::1]:80", "[::1]:80", true],
  ["::1", "[::1]", false],
] as const) {
  test(`"${authority}" is ${isMeant ? "" : "not "}meant by "${pattern}"`, () => {
    assert.equal(matchesHost(pattern, authority), isMeant);
  });
}

test("whatever an authority is, it is told apart without trouble, and an own name means itself", () => {
  fc.assert(
    fc.property(fc.string(), (authority) => {
      const { host, port } = hostAndPort(authority);
      assert.ok(authority.includes(host) && authority.includes(port));
    }),
  );
  fc.assert(fc.property(fc.domain(), (name) => assert.ok(matchesHost(name, `${name}:80`))));
});
