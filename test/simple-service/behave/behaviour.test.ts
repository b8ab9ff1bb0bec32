import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { type Behaviour, checkedFile, compileBehaviour } from "../../../simple-service/behave/behaviour.js";
import type { PeerAnswer, Peers } from "../../../simple-service/peers.js";
import { Refusal } from "../../../simple-service/refusal.js";
import type { Reply } from "../../../simple-service/reply.js";
import type { ServiceRequest } from "../../../simple-service/request.js";

const review = {
  path: "/reviews/{id}",
  body: {
    id: { $from: "id" },
    stars: { $number: [1, 5] },
    text: "review {id}",
    tags: ["a", "b"],
    by: { name: "anna" },
  },
};

function get(path: string, more: Partial<ServiceRequest> = {}): ServiceRequest {
  const [bare, query] = path.split("?");
  return { method: "GET", path: bare!, query: new URLSearchParams(query), headers: {}, body: Buffer.alloc(0), ...more };
}

function compiled(written: unknown): Behaviour {
  return compileBehaviour(checkedFile(written));
}

/** Peers that answer by the address asked for. */
function peersThat(answers: Record<string, PeerAnswer>): Peers {
  return { call: async ({ to }) => answers[to] ?? { kind: "failure", reason: "refused" }, close: () => {} };
}

async function answerOf(behaviour: Behaviour, request: ServiceRequest, peers = peersThat({})): Promise<Reply> {
  const reply = behaviour.answer(request, { name: "reviews", peers, behaviour, counts: new Map() });
  assert.ok(reply, "no route matched");
  return reply;
}

async function bodyOf(written: object, path = "/reviews/7", more: Partial<ServiceRequest> = {}): Promise<unknown> {
  return JSON.parse((await answerOf(compiled(written), get(path, more))).body.toString());
}

test("a route answers the same for the same path in every version, and other values for other paths", async () => {
  const [old, young] = [{ routes: [review] }, { version: "v2", routes: [{ path: "/new" }, review] }];
  assert.deepEqual(await bodyOf(old), await bodyOf(young));
  const stars = await Promise.all(Array.from({ length: 60 }, async (_, id) => await bodyOf(old, `/reviews/${id}`)));
  assert.deepEqual(new Set((stars as { stars: number }[]).map((one) => one.stars)), new Set([1, 2, 3, 4, 5]));
});

test("every kind of value renders what it says", async () => {
  const body = {
    picked: { $pick: ["x", "y"] },
    list: { $list: { count: 2, of: "item {n} of {id}" } },
    price: { $number: [9.5, 9.5, 2] },
    uuid: { $uuid: "stable" },
    page: { $from: "query:page" },
    tenant: "{header:x-tenant}/{method}",
    name: { $from: "body:/user/name" },
    count: { $count: "c" },
    made: { $now: "epoch-s" },
    any: { $random: [3, 3] },
    map: { $shuffle: [1] },
    none: null,
    brace: "{{id}",
  };
  const more = { headers: { "x-tenant": "t1" }, body: Buffer.from('{"user":{"name":["n"]}}') };
  const got = (await bodyOf({ routes: [{ path: "/{id}", body }] }, "/7?page=3", more)) as Record<string, unknown>;
  assert.match(String(got.picked), /^[xy]$/);
  assert.match(String(got.uuid), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(Math.abs(Number(got.made) - Date.now() / 1000) < 60);
  const { picked: _p, uuid: _u, made: _m, ...rest } = got;
  assert.deepEqual(rest, {
    list: ["item 1 of 7", "item 2 of 7"],
    price: 9.5,
    page: "3",
    tenant: "t1/GET",
    name: ["n"],
    count: 1,
    any: 3,
    map: [1],
    none: null,
    brace: "{id}",
  });
});

test("a raw number keeps its digits, its own and an embedded answer's", async () => {
  const behaviour = compiled({
    routes: [
      { path: "/a", calls: { c: "peer/x" }, body: { own: { $raw: "9007199254740993" }, theirs: { $call: "c" } } },
    ],
  });
  const body = Buffer.from('{"n":9007199254740995}');
  const peers = peersThat({ "peer/x": { kind: "response", status: 200, headers: {}, body } });
  const text = (await answerOf(behaviour, get("/a"), peers)).body.toString();
  assert.equal(text, '{"own":9007199254740993,"theirs":{"n":9007199254740995}}');
});

test("answers of calls are embedded; a failed call says how it failed", async () => {
  const calls = { good: "a/{id}", bad: { to: "b/x", method: "POST", body: { id: "{id}" } }, gone: "c/x" };
  const body = { good: { $call: "good" }, bad: { $call: "bad" }, gone: { $call: "gone" } };
  const peers = peersThat({
    "a/7": { kind: "response", status: 200, headers: {}, body: Buffer.from('{"stars":4}') },
    "b/x": { kind: "response", status: 503, headers: {}, body: Buffer.from("no") },
  });
  const reply = await answerOf(compiled({ routes: [{ path: "/{id}", calls, body }] }), get("/7"), peers);
  assert.deepEqual(JSON.parse(reply.body.toString()), {
    good: { stars: 4 },
    bad: { failed: 503 },
    gone: { failed: "refused" },
  });
});

test("a route may answer another status when one of its calls failed", async () => {
  const calls = { good: "a/x", bad: "b/x" };
  const peers = (status: number) =>
    peersThat({
      "a/x": { kind: "response", status: 200, headers: {}, body: Buffer.from("{}") },
      "b/x": { kind: "response", status, headers: {}, body: Buffer.from("{}") },
    });
  const route = { path: "/y", calls, statusOnFailedCall: 502, body: { bad: { $call: "bad" } } };
  const behaviour = compiled({ routes: [route] });
  assert.equal((await answerOf(behaviour, get("/y"), peers(503))).status, 502);
  assert.equal((await answerOf(behaviour, get("/y"), peers(201))).status, 200);
  const healed = compiled({ routes: [route], changes: [{ route: "*", statusOnFailedCall: null }] });
  assert.equal((await answerOf(healed, get("/y"), peers(503))).status, 200);
});

test("status, headers, delay, text, encoding and a cut are the route's own", async () => {
  const route = {
    path: "/x",
    status: 201,
    headers: { "Set-Cookie": ["a=1", "b={path}"], "cache-control": "max-age=60" },
    delayMs: { $number: [7, 7] },
    text: "hello",
    encoding: "gzip",
    cutAfterBytes: 3,
  };
  const reply = await answerOf(compiled({ routes: [route] }), get("/x"));
  assert.equal(gunzipSync(reply.body).toString(), "hello");
  const { body: _body, ...rest } = reply;
  assert.deepEqual(rest, {
    status: 201,
    headers: {
      "content-type": "text/plain",
      "content-encoding": "gzip",
      "set-cookie": ["a=1", "b=/x"],
      "cache-control": "max-age=60",
    },
    delayMs: 7,
    cutAfterBytes: 3,
  });
});

test("each edit changes what it names and nothing else", async () => {
  const before = { id: "7", stars: 3, text: "review 7", tags: ["a", "b"], by: { name: "anna" } };
  const cases: [edit: object, after: object][] = [
    [{ remove: ["/stars", "/by/name", "/nothing/there"] }, { id: "7", text: "review 7", tags: ["a", "b"], by: {} }],
    [{ remove: ["/tags/*"] }, { ...before, tags: [] }],
    [
      { set: { "/stars": 9, "/extra": "{id}", "/by/name": null } },
      { ...before, stars: 9, extra: "7", by: { name: null } },
    ],
    [{ set: { "/tags/*": "t", "/tags/2": "u" } }, { ...before, tags: ["t", "t", "u"] }],
    [{ retype: { "/stars": "string", "/tags": "array" } }, { ...before, stars: "3", tags: [["a", "b"]] }],
    [{ retype: { "/id": "number", "/by": "null" } }, { ...before, id: 7, by: null }],
    [
      { rename: { "/stars": "rating" } },
      { id: "7", text: "review 7", tags: ["a", "b"], by: { name: "anna" }, rating: 3 },
    ],
    [{ reverse: ["/tags"] }, { ...before, tags: ["b", "a"] }],
    [
      { body: { all: "{id}" }, set: { "/more": 1 } },
      { all: "7", more: 1 },
    ],
  ];
  const routes = [{ ...review, body: { ...review.body, stars: 3 } }];
  for (const [edit, after] of cases)
    assert.deepEqual(
      await bodyOf({ routes, changes: [{ route: "GET /reviews/{id}", ...edit }] }),
      after,
      JSON.stringify(edit),
    );
});

test("a change's headers and calls are merged, null takes one away", async () => {
  const routes = [{ path: "/x", headers: { a: "1", b: "2" }, calls: { p: "peer/1" }, body: { p: { $call: "p" } } }];
  const changes = [{ route: "*", headers: { b: null, c: "3" }, calls: { p: "peer/2" }, status: 418 }];
  const peers = peersThat({ "peer/2": { kind: "response", status: 200, headers: {}, body: Buffer.from("2") } });
  const reply = await answerOf(compiled({ routes, changes }), get("/x"), peers);
  assert.deepEqual(
    [reply.status, reply.headers, reply.body.toString()],
    [418, { "content-type": "application/json", a: "1", c: "3" }, '{"p":2}'],
  );
});

test("a share is drawn by path, so the same paths meet the change each time; or by request", async () => {
  const statuses = async (change: object, request: (n: number) => ServiceRequest) => {
    const behaviour = compiled({ routes: [review], changes: [{ route: "*", status: 500, ...change }] });
    const replies = Array.from({ length: 300 }, (_, n) => answerOf(behaviour, request(n)));
    return (await Promise.all(replies)).map(({ status }) => status);
  };
  const byPath = (n: number) => get(`/reviews/${n}`, { headers: { "x-request-id": String(Math.random()) } });
  const one = await statuses({ sharePercent: 20 }, byPath);
  assert.deepEqual(one, await statuses({ sharePercent: 20 }, byPath));
  const failed = one.filter((status) => status === 500).length;
  assert.ok(failed > 30 && failed < 95, String(failed));
  const byRequest = await statuses({ sharePercent: 50, drawnBy: "request" }, (n) =>
    get("/reviews/1", { headers: { "x-request-id": `${n}` } }),
  );
  assert.deepEqual(new Set(byRequest), new Set([200, 500]));
  assert.ok((await statuses({ sharePercent: 0 }, byPath)).every((status) => status === 200));
});

test("HEAD is answered by the GET route; other methods and longer paths by none", () => {
  const behaviour = compiled({ routes: [review] });
  const meets = (method: string, path: string) =>
    behaviour.answer(get(path, { method }), { name: "r", peers: peersThat({}), behaviour, counts: new Map() }) !==
    undefined;
  assert.deepEqual(
    [meets("HEAD", "/reviews/1"), meets("POST", "/reviews/1"), meets("GET", "/reviews/1/x"), meets("GET", "/reviews")],
    [true, false, false, false],
  );
});

test("what a behave file may not say is refused in one line that names the place", () => {
  const cases: [written: unknown, words: RegExp][] = [
    [{ vresion: 1 }, /^vresion is not known; known: version, from, routes, changes$/],
    [{ routes: [{ path: "/a", metod: "GET" }] }, /^routes\[0\]\.metod is not known; known: method, path, status/],
    [{ routes: [{ path: "a" }] }, /^routes\[0\]\.path: must begin with \//],
    [{ routes: [{ path: "/a{id}" }] }, /^routes\[0\]\.path: \{name\} must be a whole segment/],
    [{ routes: [{ path: "/a", status: 99 }] }, /^routes\[0\]\.status: /],
    [{ routes: [{ path: "/a" }, { path: "/a" }] }, /two have the same method and path/],
    [
      { routes: [{ path: "/a", body: { x: { $nubmer: [1] } } }] },
      /^routes\[0\]\.body\.x\.\$nubmer is not known; known: \$number, /,
    ],
    [
      { routes: [{ path: "/a", body: [{ $number: [1, 2], y: 1 }] }] },
      /^routes\[0\]\.body\[0\]: \$number stands alone, "y"/,
    ],
    [{ routes: [{ path: "/a", body: { $number: [5, 1] } }] }, /\$number: 5 is above 1/],
    [{ routes: [{ path: "/a", body: { $raw: "{" } }] }, /\$raw: "\{" is no JSON/],
    [{ routes: [{ path: "/a", body: "{cookie:x}" }] }, /"cookie:x": known are query:, header: and body:/],
    [
      { routes: [{ path: "/a", calls: { x: { too: "b" } } }] },
      /^routes\[0\]\.calls\.x\.too is not known; known: to, method, body/,
    ],
    [
      { routes: [{ path: "/a" }], changes: [{ route: "GET /b" }] },
      /^changes\[0\]\.route: "GET \/b" is none of the routes: GET \/a/,
    ],
    [{ changes: [{ route: "*", remove: ["stars"] }] }, /^changes\[0\]\.remove: "stars" must be a JSON Pointer/],
    [{ changes: [{ route: "*", delete: ["/a"] }] }, /^changes\[0\]\.delete is not known; known: route, .*remove/],
    [{ changes: [{ route: "*", sharePercent: 101 }] }, /^changes\[0\]\.sharePercent: /],
    [[], /^the file: /],
  ];
  for (const [written, words] of cases)
    assert.throws(
      () => compiled(written),
      (thrown) => thrown instanceof Refusal && words.test(thrown.message) && !thrown.message.includes("\n"),
      `${JSON.stringify(written)} was not refused by ${words}`,
    );
});
