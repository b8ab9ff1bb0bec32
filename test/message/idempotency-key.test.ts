import assert from "node:assert/strict";
import { test } from "node:test";
import { drawnKey, isIdempotencyKey } from "../../message/index.js";

test("keys of idempotency are known by the names that services give them", () => {
  const names =
    `Idempotency-Key X-Idempotency-Key Idempotency-Id x-idempotency-token Cko-Idempotency-Key Idempotence-Key
    X-Idempotence-UUID PayPal-Request-Id X-Payout-Idempotency Repeatability-Request-ID`.split(/\s+/);
  assert.deepEqual(
    names.filter((name) => !isIdempotencyKey(name)),
    [],
  );
  const others = ["X-Request-Id", "Idempotency-Replayed", "Key", "X-Api-Key", "Idempotency", "Client-Request-Id"];
  assert.deepEqual(others.filter(isIdempotencyKey), []);
});

test("a drawn key is the same for the same key and seed, and another for another", () => {
  const key = "8e03978e-40d5-43e8-bc93-6894a57f9324";
  assert.equal(drawnKey(key, "a"), drawnKey(key, "a"));
  assert.equal(new Set([key, drawnKey(key, "a"), drawnKey(key, "b"), drawnKey(`${key}0`, "a")]).size, 4);
});

const forms: [what: string, key: string, form: RegExp][] = [
  [
    "a UUID with its version",
    "8e03978e-40d5-43e8-bc93-6894a57f9324",
    /^8[0-9a-f]{7}-[0-9a-f]{4}-4[0-9a-f]{3}-b[0-9a-f]{3}-[0-9a-f]{12}$/,
  ],
  [
    "one inside other text",
    "pay:0190F3C2-7B1A-7CC3-8D5E-3F6A9B2C1D0E",
    /^p[a-f]{2}:[0-9A-F]{8}-[0-9A-F]{4}-7[0-9A-F]{3}-8[0-9A-F]{3}-[0-9A-F]{12}$/,
  ],
  ["a ULID", "01ARZ3NDEKTSV4RRFFQ69G5FAV", /^0[0-9A-HJKMNP-TV-Z]{25}$/],
  ["hex", "9f86d081884c7d659a2feaa0c55ad015", /^9[0-9a-f]{31}$/],
  ["base 64", "q2Zk+3/aWm9uZXktNDI4c2Y=", /^q[0-9a-fA-F]{3}\+[0-9]\/[0-9a-fA-F]{16}=$/],
  ["a String of structured fields", '"8e03978e-40d5-43e8-bc93-6894a57f9324"', /^"8[0-9a-f-]{35}"$/],
  ["a short one, lengthened", "order-17", /^o[a-f]{4}-[0-9]{2,}$/],
  ["a number, that stays one", "17", /^1[0-9]{14}$/],
];
for (const [what, key, form] of forms) {
  test(`a drawn key keeps the form of the key: ${what}`, () => {
    const drawn = drawnKey(key, "seed");
    assert.match(drawn, form);
    assert.notEqual(drawn, key);
  });
}

test("of 20,000 short keys no two are drawn alike, and a number is one that JSON can hold", () => {
  const drawn = Array.from({ length: 20_000 }, (_, at) => drawnKey(String(at + 1), "seed"));
  assert.equal(new Set(drawn).size, 20_000);
  assert.ok(drawn.every((key) => Number.isSafeInteger(Number(key))));
});

test("an empty field stays empty", () => {
  assert.deepEqual([drawnKey("", "a"), drawnKey('""', "a")], ["", '""']);
});
