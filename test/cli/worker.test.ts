import assert from "node:assert/strict";
import http from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { WorkerClient } from "../../cli/replay/namespace/worker-client.js";
import { replaySettings } from "../../cli/replay.js";
import { version } from "../../cli/version.js";
import type { RunRequest, WorkerEvent } from "../../cli/worker/protocol.js";
import { quitSidecar } from "../../cli/worker/quit-sidecar.js";
import { openRun, openTape } from "../../tape/index.js";
import { startChild } from "../support/child.js";
import { mainFile, newHome } from "../support/command-line.js";
import { listenOnLoopback } from "../support/loopback.js";
import { tapeOf } from "../support/service-tape.js";
import { tempFolder } from "../support/temp.js";
import { until } from "../support/until.js";

const target = "namespace shop";

async function startUpstream(t: TestContext) {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(`${request.headers.host} ${request.url}`);
    response.writeHead(200, { "content-type": "text/plain" }).end("{}");
  });
  return { asked, url: `http://127.0.0.1:${await listenOnLoopback(t, server)}` };
}

async function startWorker(t: TestContext) {
  const home = newHome(t);
  const [work, secrets] = [tempFolder(t), tempFolder(t)];
  const words = ["worker", "--folder", work, "--secrets", secrets];
  const child = startChild(t, process.execPath, [mainFile, ...words], { env: home.env, cwd: home.folder });
  const { listen } = JSON.parse(await child.firstLine()) as { listen: string };
  const client = new WorkerClient(Number(listen.split(":")[1]));
  await client.hello(10_000, new AbortController().signal);
  return { child, client, work, secrets };
}

/** So many calls to reviews, put into the worker's folder. */
async function bring(t: TestContext, client: WorkerClient, calls: number): Promise<string[]> {
  const made = Array.from({ length: calls }, (_, at) => ({
    ...{ service: "reviews", path: `/reviews/${at}`, at: [at * 10, at * 10 + 5] as [number, number] },
  }));
  const tape = await openTape([await tapeOf(t, made)]);
  const names = tape.segments.map((_, at) => `tape-${at}.db`);
  for (const [at, { path }] of tape.segments.entries()) await client.putFile(path, "work", names[at]!);
  await tape.close();
  return names;
}

function request(tapes: string[], url: string, changes: Partial<RunRequest["settings"]> = {}): RunRequest {
  const settings = { ...replaySettings.parse({ tapes, order: "serial" }), target, targetIsATest: true, ...changes };
  return {
    ...{ run: "abc123abc123", tapeloop: version, settings, env: {}, tapePaths: ["monday/"] },
    byAuthority: { [target]: { "reviews:9080": { url, authority: "reviews.shop.svc:9080" } } },
    ...{ wantsPreflight: true, hasHops: false },
  };
}

async function eventsOf(events: AsyncIterable<WorkerEvent>): Promise<WorkerEvent[]> {
  const found: WorkerEvent[] = [];
  // A slow machine lets it say that it lives.
  for await (const event of events) if (event.kind !== "alive") found.push(event);
  return found;
}

test("a worker replays what it is brought, tells how far it is, and gives the run file back", async (t) => {
  const { asked, url } = await startUpstream(t);
  const { child, client, work, secrets } = await startWorker(t);
  const names = await bring(t, client, 5);
  await client.put(Buffer.from("rules: []\n"), "secrets", "rules.yaml");
  const tapes = names.map((name) => join(work, name));
  const events = await eventsOf(client.run(request(tapes, url, { rules: join(secrets, "rules.yaml") })));
  assert.deepEqual(new Set(events.map(({ kind }) => kind)), new Set(["preflight", "progress", "over"]));
  assert.deepEqual(
    asked,
    Array.from({ length: 5 }, (_, at) => `reviews.shop.svc:9080 /reviews/${at}`),
  );
  const path = join(tempFolder(t), "run.db");
  await client.fetchRun(path);
  const run = openRun(path);
  const { verdict, tape, sent } = run.summary()!;
  assert.deepEqual([verdict, tape.paths, sent, run.header.run], ["passed", ["monday/"], 5, "abc123abc123"]);
  run.close();
  await client.quit();
  assert.equal((await child.ended).code, 0);
  assert.match(child.stdout, /"sending":"abc123abc123"/);
});

test("told to stop, or left alone, it ends its run and keeps what was gathered", async (t) => {
  for (const how of ["cancel", "leave"] as const) {
    const { url } = await startUpstream(t);
    const { client, work } = await startWorker(t);
    const tapes = (await bring(t, client, 50)).map((name) => join(work, name));
    for await (const event of client.run(request(tapes, url, { pace: "5/s" }))) {
      if (event.kind !== "progress") continue;
      if (how === "leave") break;
      await client.cancel();
    }
    const sent = await until("the run file to be complete", () => {
      const run = openRun(join(work, "run.db"));
      const summary = run.summary();
      run.close();
      return summary?.sent;
    });
    assert.ok(sent >= 1 && sent < 50, `${how}: ${sent} sent`);
  }
});

test("what the operator got wrong comes back in one line; another version and other paths are refused", async (t) => {
  const { client } = await startWorker(t);
  const events = await eventsOf(client.run(request(["/nowhere/a.db"], "http://127.0.0.1:1")));
  assert.equal(events.at(-1)!.kind, "refused");
  assert.match((events.at(-1) as { words: string }).words, /nowhere/);
  const other = { ...request(["a.db"], "http://127.0.0.1:1"), tapeloop: "0.0.0-other" };
  await assert.rejects(
    eventsOf(client.run(other)),
    /the worker refused: this image holds tapeloop .* 0.0.0-other asks/,
  );
  for (const name of ["../a", ".hidden", "a/b"])
    await assert.rejects(client.put(Buffer.from("x"), "work", name), /there is nothing of that name/);
});

test("after the last Step it asks for what recorders saw; when that cannot be had, the run says so", async (t) => {
  const { url } = await startUpstream(t);
  const { client, work } = await startWorker(t);
  const tapes = (await bring(t, client, 2)).map((name) => join(work, name));
  const kinds: string[] = [];
  let last: WorkerEvent | undefined;
  for await (const event of client.run({ ...request(tapes, url), hasHops: true })) {
    kinds.push(event.kind);
    last = event;
    if (event.kind === "hops") await client.hops({ failed: "the recorder is gone" });
  }
  assert.ok(kinds.includes("hops"));
  assert.deepEqual(last, { kind: "refused", words: "the recorder is gone", exitCode: 3 });
});

test("a sidecar is asked to end where there is one, and nothing is missed where there is none", async (t) => {
  const asked: string[] = [];
  const agent = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end();
  });
  const port = await listenOnLoopback(t, agent);
  assert.deepEqual([await quitSidecar(port), await quitSidecar(1), asked], [true, false, ["POST /quitquitquit"]]);
});
