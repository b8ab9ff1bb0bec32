import assert from "node:assert/strict";
import http from "node:http";
import { type TestContext, test } from "node:test";
import type { ReplayOptions } from "../../replayer/index.js";
import { listenOnLoopback } from "../support/loopback.js";
import { type TapeCall, tapeOf } from "../support/replay-tape.js";
import { replayed, replayOptions } from "../support/replaying.js";

type Answers = (path: string, call: { headers: http.IncomingHttpHeaders; body: string }) => unknown;

/** Serves JSON by path (a number is a status), and keeps what was asked. */
async function startService(t: TestContext, answers: Answers): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = http.createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces).toString();
    asked.push(`${request.method} ${request.url}`);
    const answer = answers(request.url!, { headers: request.headers, body });
    response.statusCode = typeof answer === "number" ? answer : 200;
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  });
  return { url: `http://127.0.0.1:${await listenOnLoopback(t, server)}`, asked };
}

/** An order is made, read, and what reading gives is used once more. */
const orderCalls: TapeCall[] = [
  { startMs: 0, endMs: 5, method: "POST", path: "/orders", answerBody: '{"id":1000042}' },
  { startMs: 10, endMs: 15, path: "/orders/1000042", answerBody: '{"id":1000042,"parcel":"parcel-0001"}' },
  { startMs: 20, endMs: 25, path: "/parcels/parcel-0001", answerBody: '{"at":"home"}' },
  { startMs: 30, endMs: 35, path: "/news", answerBody: '{"news":[]}' },
];

const writes = (url: string, changes: Partial<ReplayOptions> = {}) =>
  replayOptions(url, { allowWrites: true, ...changes });

test("live values go out in place of the recorded ones, and their answers compare", async (t) => {
  const service = await startService(t, (path) => {
    if (path === "/orders") return { id: 2000077 };
    if (path === "/orders/2000077") return { id: 2000077, parcel: "parcel-9999" };
    return path === "/news" ? { news: [] } : path === "/parcels/parcel-9999" ? { at: "home" } : 404;
  });
  const { summary } = await replayed(await tapeOf(orderCalls), writes(service.url));
  assert.deepEqual(service.asked, ["POST /orders", "GET /orders/2000077", "GET /parcels/parcel-9999", "GET /news"]);
  assert.deepEqual(summary.divergences, []);
  assert.equal(summary.verdict, "passed");
  assert.deepEqual(summary.carried, { links: 2, carried: 2, provided: 0 });
});

test("with carrying off values go out as recorded", async (t) => {
  const service = await startService(t, () => 404);
  const carry = { links: false, credentials: [] };
  const { summary } = await replayed(await tapeOf(orderCalls), writes(service.url, { carry }));
  assert.deepEqual(service.asked.slice(1, 3), ["GET /orders/1000042", "GET /parcels/parcel-0001"]);
  assert.equal(summary.carried, undefined);
});

test("an answer with somebody else's id diverges, though ids are expected to be others", async (t) => {
  const service = await startService(t, (path) => {
    if (path === "/orders") return { id: 2000077 };
    if (path.startsWith("/orders/")) return { id: 2000078, parcel: "parcel-9999" };
    return path === "/news" ? { news: [] } : { at: "home" };
  });
  const { summary } = await replayed(await tapeOf(orderCalls), writes(service.url));
  assert.deepEqual(
    summary.divergences.map(({ route, place }) => `${route} ${place}`),
    ["GET /orders/{id} body:/id"],
  );
});

test("a produced value of another type is a divergence", async (t) => {
  const service = await startService(t, (path) => {
    if (path === "/orders") return { id: "2000077" };
    if (path === "/orders/2000077") return { id: 2000077, parcel: "parcel-9999" };
    return path === "/news" ? { news: [] } : { at: "home" };
  });
  const { summary } = await replayed(await tapeOf(orderCalls), writes(service.url));
  assert.ok(summary.divergences.some(({ route, kind }) => route === "POST /orders" && kind === "changed-type"));
});

test("a produced value of another class is a divergence, and is carried all the same", async (t) => {
  const uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
  const tape = await tapeOf([
    { startMs: 0, endMs: 5, path: "/box", answerBody: `{"box":"${uuid}"}` },
    { startMs: 10, endMs: 15, path: `/boxes/${uuid}`, answerBody: "{}" },
  ]);
  const service = await startService(t, (path) => (path === "/box" ? { box: "box-000001" } : {}));
  const { summary } = await replayed(tape, writes(service.url));
  assert.equal(service.asked[1], "GET /boxes/box-000001");
  assert.deepEqual(
    summary.divergences.map(({ place }) => place),
    ["body:/box"],
  );
});

test("what a failed call should have given blocks all that hangs on it, by its root; the rest goes on", async (t) => {
  const service = await startService(t, (path) => (path === "/orders" ? 503 : { news: [] }));
  const tape = await tapeOf(orderCalls);
  const { summary } = await replayed(tape, writes(service.url, { minLive: 0 }));
  assert.deepEqual(service.asked, ["POST /orders", "GET /news"]);
  assert.deepEqual(summary.notSent, { blocked: 2 });
  assert.equal(summary.verdict, "diverged");
  const root = { producerExchange: 1, producerRoute: "POST /orders", lane: "candidate", hop: "reviews", count: 1 };
  assert.deepEqual(summary.blocked, [
    { ...root, route: "GET /orders/{id}", sinceExchange: 2 },
    { ...root, route: "GET /parcels/{id}", sinceExchange: 3 },
  ]);
});

test("each lane has its own values, and a value that the baseline keeps is not the candidate's to change", async (t) => {
  const make =
    (order: number, parcel: string): Answers =>
    (path) => {
      if (path === "/orders") return { id: order };
      if (path === `/orders/${order}`) return { id: order, parcel };
      return path === "/news" ? { news: [] } : path === `/parcels/${parcel}` ? { at: "home" } : 404;
    };
  const old = await startService(t, make(3000001, "parcel-0001"));
  const now = await startService(t, make(4000001, "parcel-0002"));
  const tape = await tapeOf(orderCalls);
  const { summary } = await replayed(tape, writes(now.url, { baseline: old.url, maxResend: 0 }));
  assert.deepEqual(old.asked[2], "GET /parcels/parcel-0001");
  assert.deepEqual(now.asked[2], "GET /parcels/parcel-0002");
  const found = summary.divergences.filter(({ attribution }) => attribution !== "noise");
  assert.deepEqual(
    found.map(({ place }) => place),
    ["body:/parcel"],
    "the order's id is new in both, the parcel's only in the candidate",
  );
});

test("a list in another order is followed by its values, not by its indexes", async (t) => {
  const tape = await tapeOf([
    { startMs: 0, endMs: 5, path: "/books", answerBody: '{"books":[{"id":"book-000001"},{"id":"book-000002"}]}' },
    { startMs: 10, endMs: 15, path: "/books/book-000002", answerBody: "{}" },
  ]);
  const service = await startService(t, (path) =>
    path === "/books" ? { books: [{ id: "book-000002" }, { id: "book-000001" }] } : {},
  );
  await replayed(tape, writes(service.url));
  assert.equal(service.asked[1], "GET /books/book-000002");
});

test("redacted values that nobody gives stop the run, or are left out when asked", async (t) => {
  const service = await startService(t, () => ({ ok: true }));
  const calls: TapeCall[] = [
    { startMs: 0, endMs: 5, path: "/a", headers: ["host", "x", "authorization", "Bearer abcdefgh12345678"] },
    { startMs: 10, endMs: 15, path: "/b" },
  ];
  await assert.rejects(async () => await replayed(await tapeOf(calls), replayOptions(service.url)), {
    message:
      "refused to send pseudonyms: no recorded answer gave the live value of header:authorization in 1 call (reviews, such as GET /a); give it with --credential 'header:authorization=env:NAME' or --header 'authorization: …', or leave these calls out with --skip-redacted",
  });
  assert.deepEqual(service.asked, []);
  const { summary } = await replayed(await tapeOf(calls), replayOptions(service.url, { skipRedacted: true }));
  assert.deepEqual(service.asked, ["GET /b"]);
  assert.deepEqual(summary.notSent, { redacted: 1 });
});

test("a mirror tape teaches no links: rules for them are refused by name, and a plain replay goes on without", async (t) => {
  const { parseLinkRules } = await import("../../replayer/index.js");
  const service = await startService(t, () => ({}));
  const tape = await tapeOf([{ startMs: 0, endMs: null, path: "/a" }]);
  const carry = { links: true, rules: parseLinkRules({ links: [{ never: "path/1" }] }, "f"), credentials: [] };
  await assert.rejects(replayed(tape, replayOptions(service.url, { carry })), {
    message:
      "--links: this tape holds calls seen from mirror alone, and links takes recorded answers, from which later requests took their values: record from inbound, ext-proc, outbound, import",
  });
  await replayed(tape, replayOptions(service.url));
  assert.deepEqual(service.asked, ["GET /a"]);
});

/** A list, and one call for each of its ids. */
const listed = (ids: readonly string[], list: unknown): TapeCall[] => [
  { startMs: 0, endMs: 5, path: "/items", answerBody: JSON.stringify(list) },
  ...ids.map((id, at) => ({ startMs: 10 * at + 10, endMs: 10 * at + 15, path: `/items/${id}`, answerBody: "{}" })),
];
const uuids = ["1", "2", "3"].map((digit) => `0f8fad5b-d9cb-469f-a165-7086772895${digit}e`);
const asObjects = (ids: readonly string[]) => ids.map((id) => ({ id: Number(id), name: `the ${id}` }));
const counted = ["100201", "100202", "100203"];
const moves: [what: string, ids: readonly string[], was: unknown, now: unknown, found: string[]][] = [
  ["that came in another order", uuids, { ids: uuids }, { ids: [...uuids].reverse() }, ["body:/ids changed-order"]],
  [
    "of objects that came in another order",
    counted,
    { items: asObjects(counted) },
    { items: asObjects([...counted].reverse()) },
    ["body:/items changed-order"],
  ],
  [
    "that lies elsewhere in the answer",
    counted.slice(0, 2),
    { first: { id: counted[0] }, second: { id: counted[1] } },
    { first: { id: counted[1] }, second: { id: counted[0] } },
    ["body:/first/id changed-value", "body:/second/id changed-value"],
  ],
  [
    "that was made anew by a count that went on",
    counted,
    { ids: counted },
    { ids: ["100202", "100203", "100204"] },
    [],
  ],
];

for (const [what, ids, was, now, found] of moves) {
  test(`of ids that later calls take up, what is told of a list ${what}`, async (t) => {
    const service = await startService(t, (path) => (path === "/items" ? now : {}));
    const { summary } = await replayed(await tapeOf(listed(ids, was)), replayOptions(service.url));
    const told = summary.divergences.map(({ place, kind }) => `${place} ${kind}`);
    assert.deepEqual(told.sort(), found);
  });
}

test("where the call that makes an id is not sent, a warning says what may be missing for that", async (t) => {
  const service = await startService(t, (path) => (path === "/news" ? { news: [] } : 404));
  const { summary } = await replayed(await tapeOf(orderCalls), replayOptions(service.url, { minLive: 0 }));
  assert.deepEqual(service.asked, ["GET /orders/1000042", "GET /news"]);
  assert.match(
    summary.warnings.join(),
    /^1 calls that may write were not sent: .* GET \/orders\/\{id\} may answer 404 .*--allow-writes/,
  );
});
