import assert from "node:assert/strict";
import { test } from "node:test";
import { compareRequests } from "../../../replayer/hops/requests.js";
import type { Exchange } from "../../../tape/index.js";
import { hopTape } from "../../support/hop-tape.js";

interface Sent {
  path?: string;
  body?: unknown;
  headers?: readonly string[];
}

async function exchangeOf({ path = "/stock/7", body, headers = [] }: Sent): Promise<Exchange> {
  const tape = await hopTape([{ service: "stock", path, at: [0, 5], body: { ok: true }, sent: body, headers }]);
  for await (const exchange of tape.read({})) return exchange;
  assert.fail("nothing on the tape");
}

async function found(expected: Sent, actual: Sent, given: { isControlled?: boolean; sameKey?: boolean } = {}) {
  const [left, right] = await Promise.all([exchangeOf(expected), exchangeOf(actual)]);
  const options = { sameKey: true, isControlled: true, ...given };
  return compareRequests(left, right, options).map(({ kind, place, grouped }) => `${kind} ${grouped ?? place}`);
}

test("another body is told by address, whatever its spacing and the order of its members", async () => {
  assert.deepEqual(await found({ body: { a: 1, b: 2 } }, { body: { b: 2, a: 1 } }), []);
  assert.deepEqual(await found({ body: { a: 1 } }, { body: { a: 1, gift: true } }), ["added-field request:body:/gift"]);
  const lines = (count: number) => ({ lines: [{ sku: "a", count }] });
  assert.deepEqual(await found({ body: lines(1) }, { body: lines(2) }), ["changed-value request:body:/lines/*/count"]);
});

test("another path is told by segment, another query by name", async () => {
  assert.deepEqual(await found({ path: "/stock/7" }, { path: "/stock/8" }), ["changed-value request:path/2"]);
  assert.deepEqual(await found({ path: "/stock?q=a&q=b&r=1" }, { path: "/stock?s=2&q=a" }), [
    "changed-value request:query:q",
    "missing-field request:query:r",
    "added-field request:query:s",
  ]);
  assert.deepEqual(await found({ path: "/stock?a=1&b=2" }, { path: "/stock?b=2&a=1" }), []);
});

test("header fields are not compared, and what a body repeats of them is no difference", async () => {
  const marked = (id: string): Sent => ({
    headers: ["x-request-id", id, "x-tapeloop-step", id.slice(0, 1), "date", id],
    body: { asked: "twice", id },
  });
  const [one, other] = ["0b5f9a10-6b5c-4c9e-8f7b-0a1b2c3d4e5f", "7c9e6679-7425-40de-944b-e07fc1f90ae7"];
  assert.deepEqual(await found(marked(one), marked(other)), []);
  assert.deepEqual(await found(marked(one), { ...marked(other), body: { asked: "once", id: other } }), [
    "changed-value request:body:/asked",
  ]);
});

test("without a control what may be an id of the run says nothing; words and structure do", async () => {
  const alone = { isControlled: false };
  assert.deepEqual(await found({ body: { order: 4711, way: "post" } }, { body: { order: 5012, way: "air" } }, alone), [
    "changed-value request:body:/way",
  ]);
  assert.deepEqual(await found({ path: "/stock/7" }, { path: "/stock/8" }, alone), []);
  assert.deepEqual(await found({ body: { a: 1 } }, { body: { a: "1", b: 4711 } }, alone), [
    "changed-type request:body:/a",
    "added-field request:body:/b",
  ]);
});

test("where pseudonyms of another key may stand, requests are not compared", async () => {
  const secret = (password: string): Sent => ({ body: { password, way: password } });
  const sides = [secret("correct horse"), secret("battery staple")] as const;
  assert.deepEqual(await found(...sides, { sameKey: false }), []);
  assert.notDeepEqual(await found(...sides), []);
});

test("a body that was cut says nothing", async () => {
  const [left, right] = await Promise.all([exchangeOf({ body: { a: 1 } }), exchangeOf({ body: { a: 2 } })]);
  const cut = { ...left.request, body: { kind: "cut", bytes: Buffer.from("{"), fullBytes: 9, hash: "x" } } as const;
  const options = { sameKey: true, isControlled: true };
  assert.deepEqual(compareRequests({ ...left, request: cut }, right, options), []);
  const brokenOff = { ...left.request, end: "aborted" } as const;
  assert.deepEqual(compareRequests({ ...left, request: brokenOff }, right, options), []);
});
