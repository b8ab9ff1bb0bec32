import assert from "node:assert/strict";
import http from "node:http";
import { type TestContext, test } from "node:test";
import { parseCredentialOption, type ReplayOptions } from "../../replayer/index.js";
import { curlLine } from "../../report/curl.js";
import { listenOnLoopback } from "../support/loopback.js";
import { type TapeCall, tapeOf } from "../support/replay-tape.js";
import { replayed, replayOptions } from "../support/replaying.js";

interface Charge {
  key: string;
  path: string;
  total: number;
}

/** What several instances of a service share: the answer to each key that was met, and what was done. */
interface Store {
  answers: Map<string, string>;
  done: Charge[];
}
const newStore = (): Store => ({ answers: new Map(), done: [] });

const json = { "content-type": "application/json" };
const keyNames = ["idempotency-key", "paypal-request-id", "x-idempotency-token"];

/** Charges once for each key, and gives what it answered before for one it has met. Tells the key in body and header. */
async function shop(t: TestContext, store: Store, total = 42): Promise<string> {
  const server = http.createServer((request, response) => {
    const key = keyNames.flatMap((name) => request.headers[name] ?? []).join() || "none";
    const path = request.url!;
    if (request.method === "GET" && path === "/charges") {
      return void response.writeHead(200, json).end(JSON.stringify(store.done));
    }
    const answer = store.answers.get(key) ?? JSON.stringify({ path, total, idempotencyKey: key });
    if (!store.answers.has(key)) store.done.push({ key, path, total });
    if (key !== "none") store.answers.set(key, answer);
    request.resume().once("end", () => response.writeHead(200, { ...json, "idempotency-key": key }).end(answer));
  });
  return `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
}

const uuids = ["8e03978e-40d5-43e8-bc93-6894a57f9324", "3f6a9b2c-1d0e-4cc3-8d5e-0190f3c27b1a"];

const charge = (startMs: number, path: string, key: string, more: Partial<TapeCall> = {}): TapeCall => ({
  ...{ startMs, endMs: startMs + 5, method: "POST", path, headers: ["Idempotency-Key", key] },
  answerHeaders: ["content-type", "application/json", "idempotency-key", key],
  answerBody: JSON.stringify({ path, total: 42, idempotencyKey: key }),
  ...more,
});

/** Two charges, and the second once more, as a client tries again. */
const calls = () => [
  charge(0, "/charges/1", uuids[0]!),
  charge(10, "/charges/2", uuids[1]!),
  charge(20, "/charges/2", uuids[1]!),
];

/** The store as it is once the recorded calls were answered. */
function storeOfRecording(): Store {
  const store = newStore();
  for (const { path, headers, answerBody } of calls()) {
    store.answers.set(headers![1]!, String(answerBody));
    store.done.push({ key: headers![1]!, path: path!, total: 42 });
  }
  store.done.pop();
  return store;
}

const writing = (target: string, changes: Partial<ReplayOptions> = {}) =>
  replayOptions(target, { allowWrites: true, ...changes });

test("a service that broke since the recording is not answering from the store that it shares with it", async (t) => {
  const tape = await tapeOf(calls());
  const broken = await shop(t, storeOfRecording(), 43);
  const { summary } = await replayed(tape, writing(broken));
  assert.deepEqual([summary.verdict, summary.divergences.map(({ place }) => place)], ["diverged", ["body:/total"]]);
  const kept = await replayed(tape, writing(await shop(t, storeOfRecording(), 43), { keepIdempotencyKeys: true }));
  assert.deepEqual([kept.summary.verdict, kept.summary.settings.keepIdempotencyKeys], ["passed", true]);
});

test("a retry on the tape stays one, and an answer that tells the key is the recorded one", async (t) => {
  const store = storeOfRecording();
  const { summary } = await replayed(await tapeOf(calls()), writing(await shop(t, store)));
  assert.deepEqual([summary.verdict, summary.divergences], ["passed", []]);
  const fresh = store.done.slice(2);
  assert.deepEqual(
    fresh.map(({ path }) => path),
    ["/charges/1", "/charges/2"],
  );
  for (const { key } of fresh)
    assert.match(key, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("each lane, each pass and each run charges for itself; the same run would not", async (t) => {
  const store = newStore();
  const tape = await tapeOf(calls());
  const [target, baseline] = [await shop(t, store), await shop(t, store)];
  const options = writing(target, { baseline, aa: true, selection: { text: "all", repeat: 2 } });
  const { summary } = await replayed(tape, options);
  assert.deepEqual([summary.verdict, summary.sent, summary.divergences], ["passed", 6, []]);
  assert.equal(store.done.length, 3 * 2 * 2);
  await replayed(tape, writing(target), { runId: "run2" });
  assert.equal(store.done.length, 14);
  await replayed(tape, writing(target), { runId: "run2" });
  assert.equal(store.done.length, 14);
});

test("one lane after the other, and a tape that is followed, have fresh keys, too", async (t) => {
  const store = storeOfRecording();
  const [target, baseline] = [await shop(t, store), await shop(t, store)];
  const tape = await tapeOf(calls());
  assert.equal((await replayed(tape, writing(target, { baseline, sequence: {} }))).summary.verdict, "passed");
  assert.equal(store.done.length, 2 + 2 * 2);
  assert.equal((await replayed(tape, writing(target, { follow: true }), { runId: "run2" })).summary.verdict, "passed");
  assert.equal(store.done.length, 2 + 3 * 2);
});

test("a later answer that tells an earlier call's key is read as if it were the recorded one", async (t) => {
  const list = JSON.stringify([
    { key: uuids[0], path: "/charges/1", total: 42 },
    { key: uuids[1], path: "/charges/2", total: 42 },
  ]);
  const tape = await tapeOf([...calls(), { startMs: 30, path: "/charges", answerBody: list }]);
  const { summary } = await replayed(tape, writing(await shop(t, newStore())));
  assert.deepEqual([summary.verdict, summary.divergences], ["passed", []]);
});

test("short and quoted keys, and those of PayPal, are drawn and told alike", async (t) => {
  const store = newStore();
  const tape = await tapeOf([
    charge(0, "/charges/1", "17"),
    charge(10, "/charges/2", `"${uuids[0]}"`),
    charge(20, "/charges/3", "retryOfOrder", { headers: ["PayPal-Request-Id", "retryOfOrder"] }),
  ]);
  const { summary } = await replayed(tape, writing(await shop(t, store)));
  assert.deepEqual([summary.verdict, summary.divergences], ["passed", []]);
  assert.ok(store.done.every(({ key }) => !["17", "retryOfOrder", `"${uuids[0]}"`].includes(key)));
});

test("a key that is a pseudonym on the tape needs no credential, for it never goes out", async (t) => {
  const store = newStore();
  const secret = "tok_4b1f9c0de2a7";
  const token = charge(0, "/charges/1", secret, { headers: ["X-Idempotency-Token", secret] });
  const tape = await tapeOf([token]);
  const recorded = await tape.find(1);
  const pseudonym = recorded!.request.headers[0]![1];
  assert.deepEqual(recorded!.redacted.request, ["header:x-idempotency-token"]);
  const target = await shop(t, store);
  assert.equal((await replayed(tape, writing(target))).summary.sent, 1);
  assert.ok(![secret, pseudonym].includes(store.done[0]!.key));
  await assert.rejects(replayed(tape, writing(target, { keepIdempotencyKeys: true })), /refused to send pseudonyms/);
  const credentials = [parseCredentialOption("header:x-idempotency-token=env:KEY", { KEY: "given-4711" })];
  await replayed(tape, writing(target, { carry: { links: true, credentials } }));
  assert.equal(store.done[1]!.key, "given-4711");
});

test("a key that an answer gave is the one that the live answer gives", async (t) => {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    if (request.url === "/checkout")
      return void response.writeHead(200, json).end('{"checkoutId":"live-checkout-9921"}');
    asked.push(String(request.headers["idempotency-key"]));
    response.writeHead(200, json).end('{"ok":true}');
  });
  const target = `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
  const tape = await tapeOf([
    { startMs: 0, path: "/checkout", answerBody: '{"checkoutId":"told-checkout-1107"}' },
    { startMs: 10, method: "POST", path: "/pay", headers: ["idempotency-key", "told-checkout-1107"] },
  ]);
  await replayed(tape, writing(target));
  assert.deepEqual(asked, ["live-checkout-9921"]);
});

test("a key that the request is signed over stays, and so does one that the operator gives", async (t) => {
  const store = newStore();
  const target = await shop(t, store);
  const headers = ["Idempotency-Key", uuids[0]!, "Signature-Input", 'sig1=("@method" "idempotency-key");created=1'];
  await replayed(await tapeOf([charge(0, "/charges/1", uuids[0]!, { headers })]), writing(target));
  await replayed(await tapeOf(calls()), writing(target, { headers: [["idempotency-key", "by-hand"]] }));
  assert.deepEqual(
    store.done.map(({ key }) => key),
    [uuids[0], "by-hand"],
  );
});

test("what is sent again to tell noise is a call of its own", async (t) => {
  const asked: string[] = [];
  const serve = async (odd: object) => {
    const server = http.createServer((request, response) => {
      if (request.url === "/odd") asked.push(String(request.headers["idempotency-key"]));
      response.writeHead(200, json).end(JSON.stringify(request.url === "/odd" ? odd : { ok: true }));
    });
    return `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
  };
  const calm = Array.from({ length: 30 }, (_, at): TapeCall => ({ startMs: at * 10, path: `/calm/${at}` }));
  const tape = await tapeOf([...calm, { startMs: 400, path: "/odd", headers: ["idempotency-key", uuids[0]!] }]);
  const { summary } = await replayed(tape, replayOptions(await serve({}), { baseline: await serve({ ok: true }) }));
  assert.equal(summary.noise?.resent, 12);
  assert.deepEqual([asked.length, new Set(asked).size], [14, 14]);
});

test("the line that sends a call again by hand has a key that no lane was sent", async (t) => {
  const store = storeOfRecording();
  const target = await shop(t, store, 43);
  const { kept } = await replayed(await tapeOf(calls()), writing(target));
  const line = curlLine(kept.steps[0]!, { target }, kept.requests[0])!;
  const [, key] = /-H 'Idempotency-Key: ([^']*)'/.exec(line)!;
  assert.ok(!store.done.some((one) => one.key === key));
});
