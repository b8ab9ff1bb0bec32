import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import http from "node:http";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { PullOptions } from "../../../recorder/admin/segment-pages.js";
import { SegmentPages } from "../../../recorder/admin/segment-pages.js";
import { listenOnLoopback } from "../../support/loopback.js";
import { startPulledRecorder } from "../../support/pulling.js";
import { startTestRecorder } from "../../support/start-recorder.js";

interface Page {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

/** Asks for a path exactly as it is written. */
function ask(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<Page> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, path, agent: false, ...options }, async (answer) => {
      const pieces: Buffer[] = [];
      for await (const piece of answer) pieces.push(piece as Buffer);
      resolve({ status: answer.statusCode!, headers: answer.headers, text: Buffer.concat(pieces).toString("latin1") });
    });
    request.on("error", reject);
    request.end();
  });
}

async function sealedRecorder(t: TestContext) {
  const recorder = await startPulledRecorder(t);
  await recorder.store(1);
  await recorder.writer.roll();
  const { segments } = JSON.parse((await ask(recorder.adminPort, "/tape/segments")).text);
  return { ...recorder, segment: segments[0] as { id: string; bytes: number; number: number } };
}

test("the list names sealed segments alone, by what they are and not where", async (t) => {
  const recorder = await startPulledRecorder(t);
  await recorder.store(1);
  assert.deepEqual(JSON.parse((await ask(recorder.adminPort, "/tape/segments")).text), { segments: [] });
  assert.equal((await ask(recorder.adminPort, "/tape/seal", { method: "POST" })).status, 200);
  const { text } = await ask(recorder.adminPort, "/tape/segments");
  assert.match(text, /^\{"segments":\[\{"id":"[0-9a-f]{16}","number":1,"bytes":\d+,"keyId":"[0-9a-f]{16}"\}\]\}\n$/);
  assert.ok(!text.includes(dirname(recorder.folder)));
});

test("no path leads to anything but the tape's own sealed segments", async (t) => {
  const { adminPort, folder, segment } = await sealedRecorder(t);
  writeFileSync(join(folder, "secret.txt"), "top secret");
  writeFileSync(join(folder, "..", "secret.txt"), "top secret");
  const names = [
    "../secret.txt",
    "secret.txt",
    "%2e%2e%2fsecret.txt",
    "..%2fsecret.txt",
    "segment-000001.db",
    "0123456789abcdef",
    "",
    "/",
    `${segment.id}/../secret.txt`,
    `${segment.id}%00`,
    `${segment.id}/sha256/..`,
  ];
  for (const name of names) {
    const { status, text } = await ask(adminPort, `/tape/segments/${name}`);
    assert.equal(status, 404, name);
    assert.ok(!text.includes("secret"), name);
  }
  assert.equal((await ask(adminPort, "/tape/seal")).status, 404, "sealing is asked for by POST");
});

test("a range goes on from a byte, and one beyond the end is refused", async (t) => {
  const { adminPort, segment } = await sealedRecorder(t);
  const whole = await ask(adminPort, `/tape/segments/${segment.id}`);
  assert.deepEqual([whole.status, whole.text.length], [200, segment.bytes]);
  const rest = await ask(adminPort, `/tape/segments/${segment.id}`, { headers: { range: "bytes=5000-" } });
  assert.deepEqual(
    [rest.status, rest.headers["content-range"]],
    [206, `bytes 5000-${segment.bytes - 1}/${segment.bytes}`],
  );
  assert.equal(rest.text, whole.text.slice(5000));
  assert.equal(
    (await ask(adminPort, `/tape/segments/${segment.id}`, { headers: { range: `bytes=${segment.bytes}-` } })).status,
    416,
  );
});

test("a page in a browser gets nothing: neither one with an origin nor one by another name", async (t) => {
  const { adminPort, segment } = await sealedRecorder(t);
  for (const headers of [
    { origin: "http://evil.example.com" },
    { host: "evil.example.com" },
    { host: "127.0.0.1.evil.example.com" },
  ]) {
    for (const path of ["/tape/segments", `/tape/segments/${segment.id}`])
      assert.equal((await ask(adminPort, path, { headers })).status, 403);
    assert.equal((await ask(adminPort, "/tape/seal", { method: "POST", headers })).status, 403);
  }
  assert.equal((await ask(adminPort, "/metrics", { headers: { host: "recorder.example.com" } })).status, 200);
});

/** The pages as if the admin port were bound elsewhere. */
async function pagesAt(t: TestContext, listen: string, pull: PullOptions): Promise<number> {
  const pages = new SegmentPages(pull, async () => {});
  return await listenOnLoopback(
    t,
    http.createServer((request, response) => void pages.serve(request, response, listen)),
  );
}

test("off loopback a token is needed, and asked for", async (t) => {
  const { folder } = await sealedRecorder(t);
  for (const listen of ["0.0.0.0:9090", "[::]:9090", "192.0.2.7:9090"]) {
    const open = await pagesAt(t, listen, { folder });
    assert.deepEqual((await ask(open, "/tape/segments")).status, 403);
    const guarded = await pagesAt(t, listen, { folder, token: "open-sesame" });
    const asked = async (authorization: string) =>
      (await ask(guarded, "/tape/segments", { headers: { authorization } })).status;
    assert.deepEqual(
      [
        await asked("Bearer open-sesame"),
        await asked("Bearer open-sesam"),
        await asked("open-sesame"),
        await asked("Basic b3Blbi1zZXNhbWU="),
      ],
      [200, 401, 401, 401],
    );
    assert.equal((await ask(guarded, "/tape/segments")).status, 401);
  }
});

test("a recorder that writes one file has nothing to pull, and one without the option no such pages", async (t) => {
  const port = await pagesAt(t, "127.0.0.1:9090", {});
  assert.deepEqual(await ask(port, "/tape/segments").then(({ status, text }) => [status, text]), [
    409,
    "this recorder writes one file; only a folder's segments can be pulled\n",
  ]);
  const { admin } = await startTestRecorder(t, { admin: "127.0.0.1:0" });
  assert.equal((await ask(Number(admin!.split(":").at(-1)), "/tape/segments")).status, 404);
});
