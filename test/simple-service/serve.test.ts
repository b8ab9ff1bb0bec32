import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { behaveFile, startSimpleService } from "../support/simple-service.js";

async function get(t: TestContext, path: string, init?: RequestInit, ...args: string[]) {
  const base = await startSimpleService(t, "--name", "reviews", ...args);
  return fetch(base + path, init);
}

test("the built-in endpoints answer as documented", async (t) => {
  const base = await startSimpleService(t, "--name", "reviews");
  const cases: [path: string, init: RequestInit, status: number, body: string][] = [
    ["/", {}, 200, '{"name":"reviews"}'],
    ["/instant", {}, 200, '{"name":"reviews","code":200}'],
    ["/instant?code=503", {}, 503, '{"name":"reviews","code":503}'],
    ["/instant?code=204", {}, 204, ""],
    ["/instant?code=99", {}, 400, '{"error":"code must be 200 to 599"}'],
    ["/instant?code=x", {}, 400, '{"error":"code must be 200 to 599"}'],
    ["/delayed?delay=5&code=201", {}, 201, '{"name":"reviews","code":201}'],
    ["/delayed?delay=-1", {}, 400, '{"error":"delay must be 0 to 600000 milliseconds"}'],
    ["/echo?a=1", {}, 200, '{"method":"GET","path":"/echo?a=1"}'],
    ["/echo", { method: "POST", body: "raw" }, 200, "raw"],
    ["/counter", {}, 200, '{"count":0}'],
    ["/counter", { method: "POST" }, 200, '{"count":1}'],
    ["/counter", {}, 200, '{"count":1}'],
    ["/counter", { method: "DELETE" }, 405, '{"error":"GET or POST"}'],
    ["/flaky?share=0", {}, 200, '{"name":"reviews","ok":true}'],
    ["/flaky?share=100%25", {}, 503, '{"name":"reviews","ok":false}'],
    ["/flaky?share=101", {}, 400, '{"error":"share must be 0 to 100 per cent"}'],
    ["/nowhere", {}, 404, '{"error":"no such path","path":"/nowhere"}'],
  ];
  for (const [path, init, status, body] of cases) {
    const answer = await fetch(base + path, init);
    assert.deepEqual([answer.status, await answer.text()], [status, body], path);
  }
});

test("echo answers the bytes and the type it was sent", async (t) => {
  const body = Buffer.from([0, 255, 10, 13]);
  const answer = await get(t, "/echo", { method: "POST", body, headers: { "content-type": "application/x-bytes" } });
  assert.equal(answer.headers.get("content-type"), "application/x-bytes");
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), body);
});

test("a delayed answer takes at least its time", async (t) => {
  const before = performance.now();
  await (await get(t, "/delayed?delay=80")).arrayBuffer();
  assert.ok(performance.now() - before >= 78);
});

test("flaky fails the same request ids each time, and about the share asked for", async (t) => {
  const base = await startSimpleService(t);
  const round = () =>
    Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        const answer = await fetch(`${base}/flaky?share=30`, { headers: { "x-request-id": `id-${n}` } });
        await answer.arrayBuffer();
        return answer.status;
      }),
    );
  const [one, two] = [await round(), await round()];
  assert.deepEqual(one, two);
  const failed = one.filter((status) => status === 503).length;
  assert.ok(failed > 35 && failed < 85, String(failed));
});

test("downstream calls its servers at once and answers in the order asked", async (t) => {
  const peer = await startSimpleService(t, "--name", "ratings");
  const base = await startSimpleService(t, "--name", "shop", "--peer", `ratings=${peer}`);
  const direct = peer.replace("http://", "");
  const answer = await fetch(`${base}/downstream?servers=ratings/delayed%3Fdelay=40,${direct}/instant%3Fcode=404`);
  assert.deepEqual(await answer.json(), {
    name: "shop",
    status: 200,
    answers: [
      { server: "ratings/delayed?delay=40", status: 200, body: { name: "ratings", code: 200 } },
      { server: `${direct}/instant?code=404`, status: 404, body: { name: "ratings", code: 404 } },
    ],
  });
});

test("downstream answers 502 and says why when a server fails or cannot be reached", async (t) => {
  const peer = await startSimpleService(t, "--name", "ratings");
  const answer = await get(
    t,
    "/downstream?servers=ratings/instant%3Fcode=500,127.0.0.1:1/x,a:b/c",
    {},
    "--peer",
    `ratings=${peer}`,
  );
  assert.equal(answer.status, 502);
  const { answers } = (await answer.json()) as { answers: { status?: number; failure?: string }[] };
  assert.deepEqual(
    answers.map(({ status, failure }) => status ?? failure),
    [500, "refused", "ERR_SOCKET_BAD_PORT"],
  );
});

test("a behave file's routes come before the built-in ones", async (t) => {
  const file = behaveFile(t, { version: "v7", routes: [{ path: "/echo", text: "mine" }] });
  const base = await startSimpleService(t, "--name", "reviews", "--behave", file);
  assert.equal(await (await fetch(`${base}/echo`)).text(), "mine");
  assert.deepEqual(await (await fetch(base)).json(), { name: "reviews", version: "v7" });
});
