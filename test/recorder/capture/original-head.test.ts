import assert from "node:assert/strict";
import { test } from "node:test";
import { type OriginalHead, originalHead } from "../../../recorder/capture/original-head.js";
import type { CallHead } from "../../../recorder/listen/call-head.js";

/** The original of a copy with this authority and these fields. */
function undone(authority: string, headers: readonly string[], isEnvoyCopy = true): OriginalHead | undefined {
  return originalHead({ authority, headers, isEnvoyCopy } as CallHead);
}

test("the suffix goes from before the port and from the end, and only there", () => {
  assert.equal(undone("shop.example-shadow:8080", [])?.authority, "shop.example:8080");
  assert.equal(undone("shop.example-shadow", [])?.authority, "shop.example");
  assert.equal(undone("[::1]-shadow:80", [])?.authority, "[::1]:80");
  assert.equal(undone("a-shadow.example", [])?.authority, "a-shadow.example");
  assert.equal(undone("shop.example:8080", [])?.authority, "shop.example:8080");
});

test("Envoy's own element goes from the end of the last x-forwarded-for", () => {
  assert.deepEqual(undone("a", ["x-forwarded-for", "1.1.1.1, 2.2.2.2,10.0.0.1"])?.headers, [
    "x-forwarded-for",
    "1.1.1.1, 2.2.2.2",
  ]);
  assert.deepEqual(undone("a", ["x-forwarded-for", "10.0.0.1"])?.headers, []);
  assert.deepEqual(undone("a", ["x-forwarded-for", "1.1.1.1", "X-Forwarded-For", "10.0.0.1"])?.headers, [
    "x-forwarded-for",
    "1.1.1.1",
  ]);
});

test("what did not come from Envoy's mirroring is left alone", () => {
  assert.equal(undone("a-shadow", ["x-forwarded-for", "1.1.1.1"], false), undefined);
});
