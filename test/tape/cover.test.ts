import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { answerShape } from "../../tape/cover/answer-shape.js";
import { type Covering, coverSet } from "../../tape/cover/cover-set.js";
import { openApiCoverage, readOpenApi } from "../../tape/cover/openapi.js";
import { pinsPathOf, readPins, writePins } from "../../tape/cover/pins.js";
import { readCover } from "../../tape/cover/read-cover.js";
import type { Answer } from "../../tape/index.js";
import { type TapeCall, tapeOf } from "../support/replay-tape.js";
import { tempFolder } from "../support/temp.js";

const candidates = fc
  .array(fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 8 }), { minLength: 1, maxLength: 30 })
  .map((sets) => sets.map((features, at): Covering => ({ id: at + 1, features })));

test("a cover has every feature, each of its calls brings one, and pins are in it whatever they bring", () => {
  fc.assert(
    fc.property(candidates, fc.array(fc.integer({ min: 1, max: 30 })), (given, pins) => {
      const pinned = pins.filter((id) => id <= given.length);
      const chosen = coverSet(given, pinned);
      const byId = new Map(given.map((one) => [one.id, one]));
      const covered = new Set(chosen.flatMap(({ id }) => byId.get(id)!.features));
      assert.deepEqual(covered, new Set(given.flatMap((one) => one.features)));
      for (const id of pinned) assert.ok(chosen.some((one) => one.id === id));
      for (const { id, brings } of chosen) assert.ok(brings > 0 || pinned.includes(id));
      assert.equal(
        chosen.reduce((sum, { brings }) => sum + brings, 0),
        covered.size,
      );
      assert.equal(new Set(chosen.map(({ id }) => id)).size, chosen.length);
    }),
  );
});

test("each choice is the one that brings most, of equals the lowest id", () => {
  fc.assert(
    fc.property(candidates, (given) => {
      const covered = new Set<number>();
      const left = ({ features }: Covering) => features.filter((feature) => !covered.has(feature)).length;
      for (const { id } of coverSet(given)) {
        const best = given.toSorted((a, b) => left(b) - left(a) || a.id - b.id)[0]!;
        assert.equal(id, best.id);
        for (const feature of best.features) covered.add(feature);
      }
    }),
  );
});

const json = (body: string, more: Partial<Extract<Answer, { kind: "response" }>> = {}): Answer => ({
  kind: "response",
  status: 200,
  end: "complete",
  headers: [["content-type", "application/json"]],
  body: { kind: "whole", bytes: Buffer.from(body), hash: "00".repeat(16) },
  trailers: [],
  ...more,
});

test("a shape is the places of an answer with their types; indexes and made-up keys are one place", () => {
  const body =
    '{"items":[{"id":1},{"id":"x","off":null}],"none":[],"by":{"4711":true,"0b5f9a10-6b5c-4c9e-8f7b-0a1b2c3d4e5f":true}}';
  assert.deepEqual(answerShape(json(body)).sort(), [
    "/: object",
    "/by/*: boolean",
    "/by: object",
    "/items/*/id: number",
    "/items/*/id: string",
    "/items/*/off: null",
    "/items/*: object",
    "/items: array",
    "/none: empty array",
    "application/json",
  ]);
  assert.deepEqual(answerShape(json("no json")), ["application/json"]);
  assert.deepEqual(answerShape({ kind: "failure", reason: "reset", afterMs: 1 }), []);
  assert.deepEqual(answerShape(json("", { headers: [], body: { kind: "empty" }, trailers: [["grpc-status", "5"]] })), [
    "grpc-status 5",
  ]);
});

test("depth and width are the sender's choice and cost no stack", () => {
  const deep = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;
  assert.ok(answerShape(json(deep)).length <= 5_000);
  const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`name-${at}`, at])));
  assert.deepEqual(answerShape(json(wide)), ["application/json", "/: object", "/*: number"]);
});

const calls: TapeCall[] = [
  { startMs: 0, path: "/reviews/1", answerBody: '{"id":1}' },
  { startMs: 10, path: "/reviews/2", answerBody: '{"id":2,"stars":5}' },
  { startMs: 20, path: "/reviews/3", answerBody: '{"id":3}' },
  { startMs: 30, path: "/reviews/4", status: 404, answerBody: '{"error":"none"}' },
  { startMs: 40, method: "POST", path: "/reviews/4", body: "x", answerBody: '{"id":4}' },
  { startMs: 50, path: "/reviews/5", requestEnd: "aborted", answerBody: '{"odd":1}' },
];

test("route, method, status and shape of a tape are covered by few calls", async () => {
  const tape = await tapeOf(calls);
  const cover = await readCover(tape);
  assert.deepEqual(
    cover.calls.map(({ id, route, status, pinned }) => [id, route, status, pinned]),
    [
      [2, "GET /reviews/{id}", "200", false],
      [4, "GET /reviews/{id}", "404", false],
      [5, "POST /reviews/{id}", "200", false],
    ],
  );
  assert.deepEqual([cover.of, cover.routeStatuses, cover.places, cover.missingPins], [5, 3, 10, []]);
  const pinned = await readCover(tape, { pins: [3, 99], which: { where: ({ request }) => request.method === "POST" } });
  assert.deepEqual(
    pinned.calls.map((call) => [call.id, call.pinned]),
    [
      [3, true],
      [5, false],
    ],
  );
  assert.deepEqual(pinned.missingPins, [99]);
});

test("an OpenAPI file is held against a tape, both ways", async (t) => {
  const file = join(tempFolder(t), "api.yaml");
  writeFileSync(
    file,
    `openapi: 3.0.3
servers: [{ url: "https://shop.test/{stage}", variables: { stage: { default: "" } } }]
paths:
  /reviews/{id}:
    get: { responses: { "200": {}, "4XX": {}, "500": {} } }
  /reviews/top: { $ref: "#/x-items/top" }
  /orders:
    post: { responses: { default: {} } }
x-items: { top: { get: { responses: { "200": {} } } } }
`,
  );
  const found = await openApiCoverage(
    await tapeOf([...calls, { startMs: 60, path: "/health?deep=1" }]),
    readOpenApi(file),
  );
  assert.equal(found.promised, 5);
  assert.deepEqual(found.unmet, [
    { method: "GET", path: "/reviews/{id}", status: "500" },
    { method: "GET", path: "/reviews/top", status: "200" },
    { method: "POST", path: "/orders", status: "default" },
  ]);
  assert.deepEqual(
    found.unknown.map(({ method, path, why, calls: count }) => [method, path, why, count]),
    [
      ["GET", "/health", "operation", 1],
      ["POST", "/reviews/{id}", "operation", 1],
    ],
  );
  writeFileSync(file, "swagger: '2.0'");
  assert.throws(() => readOpenApi(file), /it says no openapi version; version 3 is read/);
});

test("pins are kept beside the tape, by id, and a file that is none is refused", (t) => {
  const folder = tempFolder(t);
  assert.equal(pinsPathOf(folder), join(folder, "pins.json"));
  assert.equal(pinsPathOf(join(folder, "monday.db")), join(folder, "pins.json"));
  const path = pinsPathOf(folder);
  assert.deepEqual(readPins(path), []);
  writePins(path, [
    { id: 9, call: "GET /9 200" },
    { id: 3, call: "old" },
    { id: 3, call: "GET /3 200" },
  ]);
  assert.deepEqual(readPins(path), [
    { id: 3, call: "GET /3 200" },
    { id: 9, call: "GET /9 200" },
  ]);
  writeFileSync(path, '{"pins":[{"id":0,"call":"x"}]}');
  assert.throws(() => readPins(path), /pins\.json: pins\[0\]\.id/);
});
