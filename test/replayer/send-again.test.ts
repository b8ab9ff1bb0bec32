import assert from "node:assert/strict";
import http from "node:http";
import { type TestContext, test } from "node:test";
import { listenOnLoopback } from "../support/loopback.js";
import { tapeOf } from "../support/replay-tape.js";
import { replayed, replayOptions } from "../support/replaying.js";

/** A target that says what it is asked, as a function of the path and of how often that was asked for. */
async function serve(t: TestContext, answer: (path: string, nth: number) => { status?: number; body: unknown }) {
  const asked: string[] = [];
  const listener: http.RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const nth = asked.filter((one) => one === asked.at(-1)).length;
    const { status = 200, body } = answer(request.url!, nth);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  return { asked, url: `http://127.0.0.1:${await listenOnLoopback(t, http.createServer(listener))}` };
}

const tapeOfPaths = (paths: readonly string[], method = "GET") =>
  tapeOf(paths.map((path, at) => ({ startMs: at * 10, path, method })));
const many = Array.from({ length: 30 }, (_, at) => `/calm/${at}`);
const same = { body: { ok: true } };

test("a difference met once is sent again until it is decided: it is always there", async (t) => {
  const old = await serve(t, () => same);
  const next = await serve(t, (path) => (path === "/odd" ? { body: {} } : same));
  const tape = await tapeOfPaths([...many, "/odd"]);
  const { summary } = await replayed(tape, replayOptions(next.url, { baseline: old.url }));
  assert.deepEqual(
    summary.divergences.map(({ place, attribution, undecided }) => [place, attribution, undecided]),
    [["body:/ok", "version", undefined]],
  );
  assert.match(summary.divergences[0]!.evidence, /sent again, it differed in 4 of 4$/);
  assert.equal(summary.verdict, "diverged");
  // Once as planned; to the candidate four times more, to the baseline twice for each of these.
  assert.equal(next.asked.filter((one) => one === "GET /odd").length, 5);
  assert.equal(old.asked.filter((one) => one === "GET /odd").length, 9);
  assert.equal(summary.noise?.resent, 12);
});

test("a difference that does not come again is undecided, and the verdict cannot know", async (t) => {
  const old = await serve(t, () => same);
  const next = await serve(t, (path, nth) => (path === "/odd" && nth === 1 ? { body: {} } : same));
  const { summary } = await replayed(
    await tapeOfPaths([...many, "/odd"]),
    replayOptions(next.url, { baseline: old.url, maxResend: 3 }),
  );
  const [found] = summary.divergences;
  assert.deepEqual([found!.attribution, found!.undecided], ["unattributed", true]);
  assert.match(found!.evidence, /^undecided: .* sent again it differed in 0 of 3$/);
  assert.deepEqual([summary.verdict, summary.noise?.resent], ["inconclusive", 9]);
});

test("a value that the baseline makes anew when it is sent again is noise", async (t) => {
  const token = (name: string, nth: number) => `${name}${nth}TqVvGONn697d6DFXsqLykhsA6weC4JMW`.slice(0, 32);
  const answers = (name: string) => (path: string, nth: number) =>
    path === "/odd" ? { body: { ok: true, next: token(name, nth) } } : same;
  const old = await serve(t, answers("a"));
  const next = await serve(t, answers("b"));
  // On the tape as the baseline answers first, so that nothing but sending again shows that it is made anew.
  const answerBody = JSON.stringify(answers("a")("/odd", 1).body);
  const calls = [...many.map((path) => ({ path })), { path: "/odd", answerBody }];
  const tape = await tapeOf(calls.map((call, at) => ({ startMs: at * 10, ...call })));
  const { summary } = await replayed(tape, replayOptions(next.url, { baseline: old.url }));
  assert.deepEqual(
    summary.divergences.map(({ place, attribution }) => [place, attribution]),
    [["body:/next", "noise"]],
  );
});

test("a difference that is gone because the state moved on is not doubted for that", async (t) => {
  // After the first answer both versions have nothing there any more.
  const gone = { status: 404, body: { error: "no cart" } };
  const old = await serve(t, (path, nth) => (path === "/cart" && nth > 1 ? gone : same));
  const next = await serve(t, (path, nth) => (path === "/cart" ? (nth > 1 ? gone : { body: {} }) : same));
  const { summary } = await replayed(
    await tapeOfPaths([...many, "/cart"]),
    replayOptions(next.url, { baseline: old.url, maxResend: 2 }),
  );
  assert.deepEqual(
    summary.divergences.map(({ attribution, undecided }) => [attribution, undecided]),
    [["version", undefined]],
  );
});

test("what may write is never sent again, and nothing is without a live reference or with --max-resend 0", async (t) => {
  const old = await serve(t, () => same);
  const next = await serve(t, () => ({ body: {} }));
  const writes = await tapeOfPaths(["/a"], "POST");
  const posted = await replayed(writes, replayOptions(next.url, { baseline: old.url, allowWrites: true }));
  const reads = await tapeOfPaths(["/b"]);
  const alone = await replayed(reads, replayOptions(next.url));
  const never = await replayed(reads, replayOptions(next.url, { baseline: old.url, maxResend: 0 }));
  assert.deepEqual(next.asked, ["POST /a", "GET /b", "GET /b"]);
  for (const { summary } of [posted, alone, never]) assert.equal(summary.verdict, "diverged");
});
