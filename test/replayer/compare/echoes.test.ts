import assert from "node:assert/strict";
import { test } from "node:test";
import { compareAsked, type RequestFields } from "../../../replayer/compare/echoes.js";
import type { Answer } from "../../../tape/index.js";
import { responseOf } from "../../support/response-of.js";

const old: RequestFields = new Map([
  ["host", "127.0.0.1:9080"],
  ["x-request-id", "0aa1-old-id"],
  ["x-tapeloop-lane", "baseline"],
  ["accept", "*/*"],
]);
const young: RequestFields = new Map([
  ["host", "127.0.0.1:9081"],
  ["x-request-id", "0bb2-new-id"],
  ["x-tapeloop-lane", "candidate"],
  ["accept", "*/*"],
]);
const json = (value: unknown, headers: [string, string][] = []): Answer =>
  responseOf(JSON.stringify(value), { headers: [["content-type", "application/json"], ...headers] });
const places = (expected: Answer, actual: Answer, asked = { expected: old, actual: young }) =>
  compareAsked(expected, actual, () => asked).map(({ kind, place }) => `${kind} ${place}`);

test("an answer that repeats the headers of its request does not differ by them", () => {
  const echo = (fields: RequestFields) => json({ headers: Object.fromEntries(fields) });
  assert.deepEqual(places(echo(old), echo(young)), []);
});

test("a link to the host that was asked, and its id in a header, are no differences", () => {
  const answer = (fields: RequestFields) =>
    json({ next: `http://${fields.get("host")}/books?page=2` }, [["x-seen", fields.get("x-request-id")!]]);
  assert.deepEqual(places(answer(old), answer(young)), []);
});

test("a field that one request alone had is repeated by one answer alone", () => {
  const recorded: RequestFields = new Map([["accept", "*/*"]]);
  const echo = (fields: RequestFields) => json({ headers: Object.fromEntries(fields) });
  assert.deepEqual(places(echo(recorded), echo(young), { expected: recorded, actual: young }), []);
});

test("in a text a short value is known by the name beside it", () => {
  const echo = (fields: RequestFields) => responseOf(`X-Tapeloop-Lane: ${fields.get("x-tapeloop-lane")}\nhello`);
  assert.deepEqual(places(echo(old), echo(young)), []);
});

test("a change beside what is repeated stays", () => {
  const answer = (fields: RequestFields, stars: number) => json({ id: fields.get("x-request-id"), stars });
  assert.deepEqual(places(answer(old, 4), answer(young, 5)), ["changed-value body:/stars"]);
});

test("an id of another request is a difference", () => {
  assert.deepEqual(places(json({ id: "0aa1-old-id" }), json({ id: "0cc3-other" })), ["changed-value body:/id"]);
});

test("a word that is also a lane's name is no difference where both sides say it, and one where they do not", () => {
  assert.deepEqual(places(json({ plan: "baseline", id: 1 }), json({ plan: "baseline", id: 2 })), [
    "changed-value body:/id",
  ]);
  assert.deepEqual(places(json({ plan: "baseline" }), json({ plan: "candidate" })), ["changed-value body:/plan"]);
});

test("a field that is gone is missing, whatever its request had", () => {
  assert.deepEqual(places(json({ host: "127.0.0.1:9080" }), json({})), ["missing-field body:/host"]);
});

test("requests are not looked at while the answers agree", () => {
  const found = compareAsked(json({ a: 1 }), json({ a: 1 }), () => assert.fail("asked"));
  assert.deepEqual(found, []);
});
