import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "../../virtual-service/index.js";
import { toReviews, virtualServicesOf } from "../support/virtual-service.js";

const request = { method: "GET", path: "/reviews/7?full=1", headers: { "x-user": "anna", "x-flag": "" } };

test("a match takes a request when all its conditions hold", () => {
  const cases: [match: object, takes: boolean][] = [
    [{ uri: { exact: "/reviews/7" } }, true],
    [{ uri: { exact: "/reviews/7?full=1" } }, false],
    [{ uri: { prefix: "/rev" } }, true],
    [{ uri: { regex: "/reviews/\\d+" } }, true],
    [{ uri: { regex: "/reviews" } }, false],
    [{ uri: { regex: "7|8" } }, false],
    [{ uri: { regex: "(?i)/REVIEWS/.*" } }, true],
    [{ method: { exact: "GET" } }, true],
    [{ method: { exact: "POST" }, uri: { prefix: "/" } }, false],
    [{ headers: { "x-user": { exact: "anna" } } }, true],
    [{ headers: { "x-user": { prefix: "b" } } }, false],
    [{ headers: { "x-user": { regex: "a.*" }, "x-none": {} } }, false],
    [{ headers: { "x-flag": {} } }, true],
    [{ withoutHeaders: { "x-user": { exact: "bob" } } }, true],
    [{ withoutHeaders: { "x-user": {} } }, false],
    [{}, true],
  ];
  for (const [match, takes] of cases) {
    const all = virtualServicesOf({ match: [match], route: toReviews });
    const decision = decide(all, { host: "reviews", ...request }, () => 0);
    assert.equal(decision.kind, takes ? "route" : "no-route", JSON.stringify(match));
  }
});

test("any of several matches is enough", () => {
  const all = virtualServicesOf({ match: [{ uri: { exact: "/no" } }, { method: { exact: "GET" } }], route: toReviews });
  assert.equal(decide(all, { host: "reviews", ...request }, () => 0).kind, "route");
});
