import assert from "node:assert/strict";
import { test } from "node:test";
import { hostMatches, serviceOf } from "../../virtual-service/index.js";

test("a host means the service called, however long it is written", () => {
  const cases: [written: string, called: string, matches: boolean][] = [
    ["reviews", "reviews", true],
    ["reviews", "Reviews", true],
    ["reviews.shop.svc.cluster.local", "reviews", true],
    ["reviews.shop", "reviews.shop.svc.cluster.local", true],
    ["reviews.shop", "reviews.bank", false],
    ["reviews", "ratings", false],
    ["*", "anything", true],
    ["*.example.com", "shop.example.com", true],
    ["*.example.com", "example.com", false],
    ["shop.example.com", "shop", false],
  ];
  for (const [written, called, matches] of cases)
    assert.equal(hostMatches(written, called), matches, `${written} ${called}`);
});

test("a host's service is its first label", () => {
  assert.equal(serviceOf("reviews.shop.svc.cluster.local"), "reviews");
});
