import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { OperatorError } from "../../base/index.js";
import { pullSegments } from "../../recorder/index.js";
import { openTape, redactionKey } from "../../tape/index.js";
import { startCuttingProxy } from "../support/cutting-proxy.js";
import { closedPort, listenOnLoopback } from "../support/loopback.js";
import { exchangesOn, namesIn, startPulledRecorder } from "../support/pulling.js";
import { tempFolder } from "../support/temp.js";

const refuses = (message: RegExp) => (thrown: Error) =>
  thrown instanceof OperatorError && message.test(thrown.message) && !thrown.message.includes("\n");

test("sealed segments are copied, those that are here already are not, and the open one when it is sealed", async (t) => {
  const recorder = await startPulledRecorder(t);
  const folder = join(tempFolder(t), "pulled");
  await recorder.store(2);
  const nothingSealed = await pullSegments({ address: recorder.admin, folder });
  assert.deepEqual([nothingSealed.pulled, nothingSealed.present], [[], 0]);
  const first = await pullSegments({ address: recorder.admin, folder, seal: true });
  assert.deepEqual(first.pulled, [join(folder, "segment-000001.db")]);
  assert.deepEqual(readFileSync(first.pulled[0]!), readFileSync(join(recorder.folder, "segment-000001.db")));
  await recorder.store(3);
  const second = await pullSegments({ address: recorder.admin, folder, seal: true });
  assert.deepEqual([second.pulled, second.present], [[join(folder, "segment-000002.db")], 1]);
  assert.equal(await exchangesOn(folder), 5);
  assert.deepEqual(namesIn(folder), ["segment-000001.db", "segment-000002.db"], "no draft and no lock is left");
});

test("several recorders are pulled into one folder though their segments have the same numbers", async (t) => {
  const folder = join(tempFolder(t), "pulled");
  const recorders = [await startPulledRecorder(t, { name: "a" }), await startPulledRecorder(t, { name: "b" })];
  for (const round of [1, 2]) {
    for (const recorder of recorders) {
      await recorder.store(round);
      await pullSegments({ address: recorder.admin, folder, seal: true });
    }
  }
  assert.equal(await exchangesOn(folder), 6);
  for (const { admin } of recorders) assert.equal((await pullSegments({ address: admin, folder })).present, 2);
  const reader = await openTape([folder]);
  assert.equal(new Set(reader.segments.map(({ number }) => number)).size, 4);
  await reader.close();
});

test("a copy that broke off is gone on with, and has its final name only when it is whole", async (t) => {
  const recorder = await startPulledRecorder(t);
  const folder = join(tempFolder(t), "pulled");
  await recorder.store(60);
  await recorder.writer.roll();
  const total = readFileSync(join(recorder.folder, "segment-000001.db")).length;
  const port = await startCuttingProxy(t, recorder.adminPort, {
    leftBytes: Math.floor(total / 2),
    ending: "break-off",
  });
  const address = `127.0.0.1:${port}`;
  await assert.rejects(
    pullSegments({ address, folder }),
    refuses(/^cannot pull from 127.*the copy broke off .* goes on where it stopped$/),
  );
  assert.equal(namesIn(folder).length, 1);
  assert.match(namesIn(folder)[0]!, /^\.pull-[0-9a-f]{16}\.part$/);
  const rest = await pullSegments({ address: recorder.admin, folder });
  assert.ok(rest.bytes < total * 0.75, `${rest.bytes} of ${total} bytes came again`);
  assert.equal(await exchangesOn(folder), 60);
  assert.deepEqual(namesIn(folder), ["segment-000001.db"]);
});

/** A recorder's admin port with something wrong on the way. */
async function startBetween(
  t: TestContext,
  adminPort: number,
  change: (path: string, body: Buffer) => Buffer,
): Promise<string> {
  const server = http.createServer(async (request, response) => {
    const asked = http.request({ port: adminPort, host: "127.0.0.1", path: request.url!, method: request.method! });
    asked.end();
    const [answer] = (await once(asked, "response")) as [http.IncomingMessage];
    const pieces: Buffer[] = [];
    for await (const piece of answer) pieces.push(piece as Buffer);
    const body = change(request.url!, Buffer.concat(pieces));
    response.writeHead(answer.statusCode!, { "content-length": body.length }).end(body);
  });
  return `127.0.0.1:${await listenOnLoopback(t, server)}`;
}

test("a copy that is damaged on the way is never put into the folder", async (t) => {
  const recorder = await startPulledRecorder(t);
  const folder = join(tempFolder(t), "pulled");
  await recorder.store(1);
  await recorder.writer.roll();
  let damaged = 0;
  const flip = (times: number) => (path: string, body: Buffer) => {
    if (!/segments\/[0-9a-f]{16}$/.test(path) || damaged >= times) return body;
    damaged++;
    body[5000]! ^= 1;
    return body;
  };
  const always = await startBetween(t, recorder.adminPort, flip(2));
  await assert.rejects(
    pullSegments({ address: always, folder }),
    refuses(/segment 1 \([0-9a-f]{16}\): its copy was damaged 2 times/),
  );
  assert.deepEqual(namesIn(folder), []);
  damaged = 0;
  const once = await startBetween(t, recorder.adminPort, flip(1));
  assert.equal((await pullSegments({ address: once, folder })).pulled.length, 1, "the second try is right");
  assert.equal(await exchangesOn(folder), 1);
});

test("a recorder that is not there, is none, refuses, or has another key is one line", async (t) => {
  const folder = join(tempFolder(t), "pulled");
  const nobody = `127.0.0.1:${await closedPort()}`;
  await assert.rejects(
    pullSegments({ address: nobody, folder }),
    refuses(/^cannot pull from 127\.0\.0\.1:\d+: .*ECONNREFUSED/),
  );
  const other = http.createServer((_request, response) => response.end("hello"));
  const address = `127.0.0.1:${await listenOnLoopback(t, other)}`;
  await assert.rejects(pullSegments({ address, folder }), refuses(/it is no recorder of tapeloop$/));
  const guarded = await startPulledRecorder(t, { token: "open-sesame" });
  await assert.rejects(
    pullSegments({ address: guarded.admin, folder }),
    refuses(/it answered 401: this needs the admin token$/),
  );
  await assert.rejects(pullSegments({ address: guarded.admin, folder, token: "wrong" }), refuses(/401/));
  await guarded.store(1);
  assert.equal(
    (await pullSegments({ address: guarded.admin, folder, token: "open-sesame", seal: true })).pulled.length,
    1,
  );
  const stranger = await startPulledRecorder(t, { key: redactionKey(new Uint8Array(32).fill(9)) });
  await stranger.store(1);
  await assert.rejects(
    pullSegments({ address: stranger.admin, folder, seal: true }),
    refuses(/redaction keys .* differ.*pull into another folder$/),
  );
});
