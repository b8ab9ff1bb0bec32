import assert from "node:assert/strict";
import http from "node:http";
import { type TestContext, test } from "node:test";
import { listenOnLoopback } from "../../support/loopback.js";
import { tapeOf } from "../../support/replay-tape.js";
import { replayed, replayOptions } from "../../support/replaying.js";

/** A service that notes what it was asked, as `HOST PATH`, and answers with its name. */
async function startService(t: TestContext, name: string) {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(`${request.headers.host} ${request.url}`);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ name }));
  });
  const port = await listenOnLoopback(t, server);
  return { asked, url: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}` };
}

const call = (startMs: number, authority: string, name: string) => ({
  ...{ startMs, endMs: startMs + 5, authority, path: `/${name}` },
  answerBody: JSON.stringify({ name }),
});

test("a lane sends each call where its recorded authority goes, and names it as it is told to", async (t) => {
  const reviews = await startService(t, "reviews");
  const ratings = await startService(t, "ratings");
  const tape = await tapeOf([
    call(0, "reviews.shop:9080", "reviews"),
    call(10, "ratings:9080", "ratings"),
    call(20, "RATINGS", "ratings"),
  ]);
  const target = "namespace shop-staging";
  const byAuthority = {
    [target]: {
      "reviews.shop:9080": { url: reviews.url },
      "ratings:9080": { url: ratings.url, authority: "ratings.shop-staging.svc:9080" },
      RATINGS: { url: ratings.url },
    },
  };
  const { summary } = await replayed(tape, replayOptions(target, { byAuthority, order: "serial" }));
  assert.equal(summary.verdict, "passed");
  assert.deepEqual(reviews.asked, [`${reviews.host} /reviews`]);
  assert.deepEqual(ratings.asked, ["ratings.shop-staging.svc:9080 /ratings", `${ratings.host} /ratings`]);
});

test("that a target speaks no HTTP/2 is said once, and only of what was recorded over it", async (t) => {
  const { url } = await startService(t, "shop");
  const told = async (protocol: "http/1.1" | "h2") => {
    const path = "/shop/items";
    const tape = await tapeOf([{ startMs: 0, method: "POST", path, protocol, answerBody: '{"name":"shop"}' }]);
    const options = replayOptions(url, { baseline: url, aa: true, allowWrites: true });
    const { summary } = await replayed(tape, options);
    return summary.warnings.filter((warning) => warning.includes("does not speak HTTP/2"));
  };
  assert.deepEqual(await told("h2"), [`${url} does not speak HTTP/2: what was recorded over it is sent over HTTP/1.1`]);
  assert.deepEqual(await told("http/1.1"), []);
});

test("a target that stands for many is guarded at each of them", async (t) => {
  const { url } = await startService(t, "reviews");
  const tape = await tapeOf([call(0, "reviews:9080", "reviews"), call(10, "ratings:9080", "ratings")]);
  const target = "namespace shop";
  const to = (ratings: string) => ({ [target]: { "reviews:9080": { url }, "ratings:9080": { url: ratings } } });
  await assert.rejects(
    replayed(tape, replayOptions(target, { byAuthority: to("http://ratings.shop.svc:9080") })),
    /refused to replay to http:\/\/ratings.shop.svc:9080 \(--namespace\): ratings.shop.svc is not this machine/,
  );
  await assert.rejects(
    replayed(tape, replayOptions(target, { byAuthority: to("http://ratings:9080"), targetIsATest: true })),
    /the tape was recorded at ratings:9080/,
  );
});

test("what an answer repeats of the host it was called by is no difference between namespaces", async (t) => {
  const echo = http.createServer((request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ link: `http://${request.headers.host}/next` }));
  });
  const url = `http://127.0.0.1:${await listenOnLoopback(t, echo)}`;
  const tape = await tapeOf([call(0, "reviews:9080", "reviews")]);
  const lane = (namespace: string) => ({ "reviews:9080": { url, authority: `reviews.${namespace}.svc:9080` } });
  const byAuthority = { "namespace next": lane("next"), "namespace old": lane("old") };
  const options = replayOptions("namespace next", { baseline: "namespace old", byAuthority });
  const { summary } = await replayed(tape, options);
  assert.equal(summary.verdict, "passed", JSON.stringify(summary.divergences));
});
