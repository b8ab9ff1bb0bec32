import assert from "node:assert/strict";
import net from "node:net";
import { type TestContext, test } from "node:test";
import { startReadyProcess } from "../../lab/index.js";
import type { RunSummary, StubSummary } from "../../tape/index.js";
import { startChild } from "../support/child.js";
import { askHttp1 } from "../support/clients.js";
import { type Home, mainFile, newHome, tapeloop } from "../support/command-line.js";
import { startRecorderProcess } from "../support/recorder-process.js";
import { behaveFile, simpleServiceScript, startSimpleService } from "../support/simple-service.js";

const ratings = {
  routes: [{ method: "GET", path: "/ratings/{id}", body: { id: { $from: "id" }, stars: { $number: [1, 5] } } }],
};

/** Reviews asks ratings once for each review; `extra` asks for one more thing that was never recorded. */
const reviews = (extra?: string) => ({
  routes: [
    {
      method: "GET",
      path: "/reviews/{id}",
      calls: { rating: "ratings/ratings/{id}", ...(extra === undefined ? {} : { extra }) },
      body: { id: { $from: "id" }, rating: { $call: "rating" } },
    },
  ],
});

const startReviews = (t: TestContext, ratingsUrl: string, extra?: string) =>
  startSimpleService(
    t,
    "--port",
    "0",
    "--name",
    "reviews",
    "--behave",
    behaveFile(t, reviews(extra)),
    "--peer",
    `ratings=${ratingsUrl}`,
  );

/** Records twelve user requests through both services; afterwards ratings is gone. */
async function recorded(t: TestContext): Promise<Home> {
  const home = newHome(t);
  const live = await startReadyProcess({
    name: "ratings",
    script: simpleServiceScript,
    args: ["--port", "0", "--name", "ratings", "--behave", behaveFile(t, ratings)],
  });
  t.after(() => live.stop());
  const before = async (service: string, upstream: string) =>
    startRecorderProcess(t, home, {
      tape: "tape/",
      more: ["--mode", "inbound", "--upstream", upstream, "--service", service],
    });
  const atRatings = await before("ratings", `http://${String(live.ready.listen)}`);
  const reviewsUrl = await startReviews(t, `http://127.0.0.1:${atRatings.port}`);
  const atReviews = await before("reviews", reviewsUrl);
  for (let call = 1; call <= 12; call++) {
    const headers = [["x-request-id", `${String(call).padStart(8, "0")}-2222-4333-8444-555555555555`]] as const;
    const { status } = await askHttp1(atReviews.port, { method: "GET", path: `/reviews/${call % 5}`, headers });
    assert.equal(status, 200);
  }
  await atReviews.stop();
  await atRatings.stop();
  await live.stop();
  return home;
}

/** Two ports in a row that were free a moment ago. */
async function twoPorts(): Promise<number> {
  for (;;) {
    const first = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => first.once("listening", resolve));
    const { port } = first.address() as net.AddressInfo;
    const second = net.createServer().listen(port + 1, "127.0.0.1");
    const isFree = await new Promise<boolean>((resolve) => {
      second.once("listening", () => resolve(true)).once("error", () => resolve(false));
    });
    await new Promise((resolve) => first.close(resolve));
    if (isFree) await new Promise((resolve) => second.close(resolve));
    if (isFree) return port;
  }
}

test("reviews is replayed without ratings running: the stub answers from the tape, and misses are listed", async (t) => {
  const home = await recorded(t);
  const port = await twoPorts();
  const ratingsUrl = `http://127.0.0.1:${port + 1}`;
  const replayed = async (target: string) => {
    const isolate = ["--isolate", "reviews", "--stub-listen", `127.0.0.1:${port}`];
    return tapeloop(t, home, ["replay", "tape/", "--service", "reviews", "--target", target, ...isolate, "--json"]);
  };

  const same = await replayed(await startReviews(t, ratingsUrl));
  const summary = JSON.parse(same.stdout) as RunSummary;
  assert.deepEqual([same.code, summary.verdict, summary.compared], [0, "passed", 12], same.stdout);
  assert.deepEqual(summary.stub, { service: "reviews", served: 12, inferred: 0, missed: 0, misses: [] });
  assert.match(same.stderr, new RegExp(`ratings\\S* +${ratingsUrl}\\n`));

  const asking = await replayed(await startReviews(t, ratingsUrl, "ratings/ratings/99"));
  const { stub, warnings } = JSON.parse(asking.stdout) as RunSummary;
  assert.deepEqual([stub?.served, stub?.missed], [12, 12]);
  assert.deepEqual(
    stub?.misses.map(({ callee, why, example, count }) => [callee, why, example, count]),
    [["ratings", "not on the tape", "GET /ratings/99", 12]],
  );
  assert.ok(warnings.some((warning) => warning.startsWith("stub: 12 calls of reviews had no answer on the tape")));

  // Nobody asks the stub: that ratings is called live must not pass unsaid.
  const elsewhere = await replayed(await startReviews(t, "http://127.0.0.1:1"));
  const unasked = JSON.parse(elsewhere.stdout) as RunSummary;
  assert.ok(
    unasked.warnings.some((warning) => /reviews never called it/.test(warning)),
    unasked.warnings.join("\n"),
  );

  await t.test("alone it runs until it is stopped, and says what it did", async () => {
    const words = ["stub", "tape/", "--service", "reviews", "--listen", "127.0.0.1:0", "--json"];
    const child = startChild(t, process.execPath, [mainFile, ...words], { env: home.env, cwd: home.folder });
    const ready = JSON.parse(await child.firstLine()) as { hosts: { address: string; callee: string }[] };
    assert.deepEqual(
      ready.hosts.map(({ callee }) => callee),
      ["ratings"],
    );
    const url = await startReviews(t, `http://${ready.hosts[0]!.address}`);
    const got = await (await fetch(`${url}/reviews/3`)).json();
    assert.equal((got as { rating: { id: string } }).rating.id, "3");
    assert.deepEqual(await child.end("SIGINT"), { code: 0, signal: null });
    const { served, missed } = JSON.parse(child.stdout.trim().split("\n").at(-1)!) as StubSummary;
    assert.deepEqual([served, missed], [1, 0]);
  });
});
