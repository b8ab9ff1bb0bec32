import assert from "node:assert/strict";
import { test } from "node:test";
import { classOf, sharedClass } from "../../../replayer/noise/classes.js";

const classes: readonly [text: string, name: string, volatile: boolean][] = [
  ['"3f2504e0-4f89-41d3-9a0c-0305e82c3301"', "uuid", true],
  ['"2024-05-06T07:08:09Z"', "time Z", true],
  ['"2024-05-06T07:08:09.123+02:00"', "time +02:00", true],
  ["2024-05-06 07:08:09", "time without offset", true],
  ["Sun, 06 Nov 1994 08:49:37 GMT", "HTTP date", true],
  ["1715000000", "epoch seconds", true],
  ["1715000000123", "epoch milliseconds", true],
  ["1715000000.123456", "epoch seconds", true],
  ["1715000000123.0317", "epoch milliseconds", true],
  ["9999999999.5", "number", false],
  ['"9f86d081884c7d659a2feaa0c55ad015"', "32 hex digits", true],
  ['W/"9f86d081884c7d659a2feaa0c55ad015"', "32 hex digits", true],
  ['"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"', "JWT", true],
  ['"q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ"', "opaque token", true],
  ['"01ARZ3NDEKTSV4RRFFQ69G5FAV"', "ULID", true],
  ['"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"', "traceparent", true],
  ['"ord_9f86d081884c7d65"', "ord_16 hex digits", true],
  ['"cart-3f2504e0-4f89-41d3-9a0c-0305e82c3301"', "cart-uuid", true],
  ['"status_waiting_for_payment"', "text", false],
  ['"INTERNATIONALIZATION123456"', "text", false],
  ['"reviews-v2-6b8d9f7c5d"', "text", false],
  ["42", "number", false],
  ["-1.5e3", "number", false],
  ['"42"', "text", false],
  ["true", "boolean", false],
  ["null", "null", false],
  ['"An entertaining play"', "text", false],
  ['"internationalization-and-localization"', "text", false],
  ['"/reviews/v1/products/list"', "text", false],
  ["9999999999", "number", false],
  ["12345678901234567", "number", false],
  ['"1000000000000000"', "text", false],
  ["[1]", "text", false],
];

for (const [text, name, volatile] of classes) {
  test(`${text} is of class ${name}`, () => assert.deepEqual(classOf(text), { name, volatile }));
}

test("values of one class share it, values of two share none", () => {
  assert.equal(sharedClass("1715000000", "1715000001")?.volatile, true);
  assert.equal(sharedClass("1", "2")?.volatile, false);
  assert.equal(sharedClass("1715000000", "12"), undefined);
  assert.equal(sharedClass('"2024-05-06T07:08:09Z"', '"2024-05-06T07:08:09+02:00"'), undefined);
});

test("texts that are equal around a uuid or a time share a volatile class", () => {
  const at = (id: string) => `/orders/${id}/items`;
  const [one, other] = ["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "11111111-4f89-41d3-9a0c-0305e82c3301"];
  assert.equal(sharedClass(at(one), at(other))?.volatile, true);
  assert.equal(sharedClass(at(one), `${at(other)}?x`)?.volatile, false);
});

test("a token that happens to have no digit is a token still, beside one of its length", () => {
  const [usual, withoutDigit] = ["VHtXZjmrHdP_GraGWlXSnI_C", "DsokqUYcIXBIcGifayLznzwa"];
  assert.equal(sharedClass(`"${usual.replace("X", "7")}"`, `"${withoutDigit}"`)?.name, "opaque token");
  assert.equal(sharedClass("VHt7ZjmrHdP2GraGWlXSnI4C", "Unavailable"), undefined);
  assert.equal(sharedClass("VHt7ZjmrHdP2GraGWlXSnI4C", "aaaaaaaaaaaaaaaaaaaaaAaa"), undefined);
});
