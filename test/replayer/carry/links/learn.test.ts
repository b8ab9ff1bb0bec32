import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLinkRules } from "../../../../replayer/carry/links/rules.js";
import { inShort, learnt } from "../../../support/carry.js";
import { tapeOf } from "../../../support/replay-tape.js";

const json = ["host", "shop", "content-type", "application/json"];

test("a value that an answer gave is linked where a later request uses it, and nowhere else", async () => {
  const tape = await tapeOf([
    { startMs: 0, endMs: 5, method: "POST", path: "/orders", answerBody: '{"id":1000042,"status":"open"}' },
    { startMs: 10, path: "/orders/1000042" },
    { startMs: 20, method: "POST", path: "/pay", headers: json, body: '{"orderId":1000042,"status":"open"}' },
    { startMs: 30, path: "/orders/1000043" },
  ]);
  const { links } = await learnt(tape);
  assert.deepEqual(inShort(links), ["0 body:/id → 1 path/2", "0 body:/id → 2 body:/orderId"]);
});

test("short numbers are linked by their names alone, and quantities never", async () => {
  const tape = await tapeOf([
    {
      startMs: 0,
      endMs: 5,
      method: "POST",
      path: "/orders",
      answerBody: '{"id":17,"qty":2,"page":3,"lines":[{"id":4}]}',
    },
    { startMs: 10, path: "/orders/17" },
    { startMs: 20, path: "/customers/17" },
    { startMs: 30, method: "PUT", path: "/orders/17/lines/4", headers: json, body: '{"qty":2}' },
    { startMs: 40, path: "/search?page=3" },
  ]);
  const { links } = await learnt(tape);
  assert.deepEqual(inShort(links), ["0 body:/id → 1 path/2", "0 body:/id → 3 path/2", "0 body:/lines/0/id → 3 path/4"]);
  assert.deepEqual(new Set(links.map(({ surety }) => surety)), new Set(["named"]));
});

test("what a client held first is nobody's, and neither is what came too late", async () => {
  const tape = await tapeOf([
    // Made by the client, echoed by the answer.
    { startMs: 0, endMs: 5, method: "PUT", path: "/carts/client-made-0001", answerBody: '{"id":"client-made-0001"}' },
    { startMs: 10, path: "/carts/client-made-0001" },
    // Still on its way when the second request began.
    { startMs: 20, endMs: 60, path: "/slow", answerBody: '{"ref":"ref-123456789"}' },
    { startMs: 30, path: "/use?ref=other-000000001", answerBody: "{}" },
    { startMs: 40, path: "/early?t=ref-123456789", answerBody: "{}" },
  ]);
  assert.deepEqual(inShort((await learnt(tape)).links), []);
});

test("the answer that held a value first is its producer, whoever repeats it", async () => {
  const tape = await tapeOf([
    { startMs: 0, endMs: 5, method: "POST", path: "/orders", answerBody: '{"id":"ord-00001"}' },
    { startMs: 10, endMs: 15, path: "/orders", answerBody: '{"orders":[{"id":"ord-00001"}]}' },
    { startMs: 20, path: "/orders/ord-00001" },
  ]);
  assert.deepEqual(inShort((await learnt(tape)).links), ["0 body:/id → 2 path/2"]);
});

test("sessions are told apart by their cookies, short ones found by the session they belong to", async () => {
  const setCookies = (sid: string) => ["set-cookie", `sid=${sid}; Path=/`, "set-cookie", "l=en; Path=/"];
  const tape = await tapeOf([
    { startMs: 0, endMs: 5, path: "/login", answerHeaders: setCookies("session-number-1") },
    { startMs: 10, endMs: 15, path: "/login", answerHeaders: setCookies("session-number-2") },
    { startMs: 20, path: "/a", headers: ["host", "shop", "cookie", "sid=session-number-2; l=en"] },
    { startMs: 30, path: "/b", headers: ["host", "shop", "cookie", "sid=session-number-1; l=en; own=1"] },
  ]);
  const { learner, links } = await learnt(tape);
  assert.deepEqual(inShort(links), [
    "1 set-cookie:sid → 2 cookie:sid",
    "1 set-cookie:l → 2 cookie:l",
    "0 set-cookie:sid → 3 cookie:sid",
    "0 set-cookie:l → 3 cookie:l",
  ]);
  assert.equal(learner.sessions.of(2), learner.sessions.of(1));
  assert.notEqual(learner.sessions.of(3), learner.sessions.of(2));
});

test("a redacted token is linked by its pseudonym, and what no answer gave is told", async () => {
  const tape = await tapeOf([
    {
      startMs: 0,
      endMs: 5,
      method: "POST",
      path: "/token",
      headers: json,
      body: '{"password":"hunter2hunter2"}',
      answerBody: '{"access_token":"live-secret-4711-live"}',
    },
    { startMs: 10, path: "/me", headers: ["host", "shop", "authorization", "Bearer live-secret-4711-live"] },
    { startMs: 20, path: "/me", headers: ["host", "shop", "authorization", "Bearer never-given-4712-xx"] },
  ]);
  const { learner, links } = await learnt(tape);
  assert.deepEqual(inShort(links), ["0 body:/access_token → 1 header:authorization"]);
  const unproduced: string[] = [];
  let step = 0;
  for await (const exchange of tape.read()) {
    unproduced.push(...learner.consume(exchange, step).map(({ place }) => `${step} ${place}`));
    step++;
  }
  assert.deepEqual(unproduced, ["0 body:/password", "2 header:authorization"]);
});

test("rules add a link that is too short to be learnt, and forbid one", async () => {
  const calls = [
    { startMs: 0, endMs: 5, path: "/menu", answerBody: '{"dish":"ab","id":"menu-00001"}' },
    { startMs: 10, path: "/eat?what=ab&menu=menu-00001" },
  ];
  const rules = parseLinkRules(
    {
      links: [{ from: "GET /menu body:/dish", to: "query:what" }, { never: "query:menu" }, { never: "body:/nowhere" }],
    },
    "links.yaml",
  );
  const { links } = await learnt(await tapeOf(calls), rules);
  assert.deepEqual(inShort(links), ["0 body:/dish → 1 query:what"]);
  assert.deepEqual(rules.warnings(), ['links: the rule "never body:/nowhere" met no value']);
});

test("words and amounts are carried, and still compared where they are answered", async () => {
  const tape = await tapeOf([
    { startMs: 0, endMs: 5, path: "/offers", answerBody: '{"category":"electronics","total":129900,"offerId":129901}' },
    {
      startMs: 10,
      method: "POST",
      path: "/buy",
      headers: json,
      body: '{"category":"electronics","total":129900,"offerId":129901}',
    },
  ]);
  const { learner, links } = await learnt(tape);
  assert.equal(links.length, 3);
  assert.deepEqual(
    [...learner.produced.values()].map((places) => [...places]),
    [["body:/offerId"]],
  );
});

test("memory is bounded: what was not used for long is forgotten, and said to be", async () => {
  const { LinkLearner } = await import("../../../../replayer/carry/links/learn.js");
  const many = Array.from({ length: 60 }, (_, at) => ({
    startMs: at * 10,
    endMs: at * 10 + 5,
    path: `/a/item-${String(at).padStart(6, "0")}`,
    answerBody: `{"next":"next-${String(at).padStart(6, "0")}"}`,
  }));
  const tape = await tapeOf([
    ...many,
    { startMs: 1000, path: "/b/next-000000" },
    { startMs: 1010, path: "/b/next-000059" },
  ]);
  const learner = new LinkLearner({ steps: 62, routeOf: (method, path) => `${method} ${path}`, half: 20 });
  let step = 0;
  for await (const exchange of tape.read()) {
    learner.consume(exchange, step);
    learner.produce(exchange, step++);
  }
  assert.equal(learner.hasForgotten, true);
  assert.deepEqual(inShort([learner.links.at(0)]), ["59 body:/next → 61 path/2"]);
  assert.equal(learner.links.size, 1);
});
