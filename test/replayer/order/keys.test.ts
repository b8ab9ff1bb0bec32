import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOf } from "../../../replayer/order/hash.js";
import { kindOf, type OrderKeys, orderKeysOf } from "../../../replayer/order/keys.js";
import { resourceOf } from "../../../replayer/order/resource.js";
import type { Exchange } from "../../../tape/index.js";
import { type TapeCall, tapeOf } from "../../support/replay-tape.js";

async function exchangeOf(call: Partial<TapeCall>, changes: Partial<Exchange> = {}): Promise<Exchange> {
  const tape = await tapeOf([{ startMs: 0, ...call }]);
  for await (const exchange of tape.read()) return { ...exchange, ...changes };
  throw new Error("the tape is empty");
}

async function keysOf(call: Partial<TapeCall>, changes: Partial<Exchange> = {}): Promise<OrderKeys> {
  return orderKeysOf(await exchangeOf(call, changes), { hasWrites: true });
}

const share = (one: OrderKeys, other: OrderKeys) => one.exclusive.some((key) => other.exclusive.includes(key));

test("a session is told by a cookie that looks like one, wherever it stands among others", async () => {
  const one = await keysOf({ headers: ["cookie", "lang=en; shop=4f1d2c3b4a59"] });
  const other = await keysOf({ headers: ["cookie", "shop=4f1d2c3b4a59; theme=dark"] });
  assert.ok(share(one, other));
  assert.ok(!share(one, await keysOf({ headers: ["cookie", "lang=en; shop=ffffffffffff"] })));
});

test("the answer of a login belongs to the session it begins", async () => {
  const login = await keysOf({ answerHeaders: ["set-cookie", "shop=4f1d2c3b4a59; Path=/; HttpOnly"] });
  assert.ok(share(login, await keysOf({ headers: ["cookie", "shop=4f1d2c3b4a59"] })));
});

test("a bearer is told by its subject, so that a renewed token is the same session", async () => {
  const token = (claims: object, signature: string) =>
    `Bearer e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${signature}`;
  const of = (value: string) => orderKeysWith([["authorization", value]]);
  const [first, renewed] = [
    of(token({ iss: "a", sub: "7", exp: 1 }, "x")),
    of(token({ iss: "a", sub: "7", exp: 2 }, "y")),
  ];
  assert.ok(share(await first, await renewed));
  assert.ok(!share(await first, await of(token({ iss: "b", sub: "7" }, "x"))));
  assert.ok(share(await of("Bearer opaque.to.ken"), await of("Bearer opaque.to.ken")));
});

async function orderKeysWith(headers: Exchange["request"]["headers"]): Promise<OrderKeys> {
  const exchange = await exchangeOf({});
  return orderKeysOf({ ...exchange, request: { ...exchange.request, headers } }, { hasWrites: true });
}

test("the client's address stands in where there is no session, and not beside one", async () => {
  const client = { client: "10.0.0.7" };
  assert.ok(share(await keysOf({}, client), await keysOf({}, client)));
  const withCookie = await keysOf({ headers: ["cookie", "shop=4f1d2c3b4a59"] }, client);
  assert.ok(!share(withCookie, await keysOf({}, client)));
});

test("a connection belongs to one recorder, and a copy's connection is the mirroring proxy's", async () => {
  const kept = (await keysOf({}, { connection: "1" })).exclusive;
  assert.equal(kindOf(kept[0]!), "connection");
  const elsewhere = await keysOf({}, { connection: "1", recorder: { name: "b", incarnation: "00000000000000ff" } });
  assert.ok(!elsewhere.exclusive.includes(kept[0]!));
  assert.deepEqual((await keysOf({}, { connection: "1", vantage: "mirror" })).exclusive, []);
});

test("a path is about what stands up to its last id", () => {
  assert.equal(resourceOf("/orders/7/items?page=2"), "/orders/7");
  assert.equal(resourceOf("/orders/7"), "/orders/7");
  assert.equal(resourceOf("/orders/7/items/9/parts"), "/orders/7/items/9");
  assert.equal(resourceOf("/orders?page=2"), "/orders");
  assert.equal(resourceOf("/"), "/");
  assert.equal(resourceOf("*"), "*");
});

test("a write and a read of a part meet at the resource, in one service alone", async () => {
  const write = await keysOf({ method: "PUT", path: "/orders/7" });
  const read = await keysOf({ path: "/orders/7/items" });
  assert.deepEqual([write.writes, read.writes, write.resource === read.resource], [true, false, true]);
  assert.notEqual((await keysOf({ path: "/orders/7" }, { callee: "other" })).resource, write.resource);
  const readOnly = orderKeysOf(await exchangeOf({ path: "/orders/7" }), { hasWrites: false });
  assert.equal(readOnly.resource, 0);
});

test("hashes of texts that are alike differ, and are exact in a double", () => {
  const hashes = new Set(Array.from({ length: 100_000 }, (_, at) => hashOf(`/orders/${at}`)));
  assert.equal(hashes.size, 100_000);
  for (const hash of hashes) assert.ok(Number.isSafeInteger(hash * 3 + 2));
});
