import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCommandLine } from "../../cli/run.js";
import { fakeIo } from "../support/io.js";
import { listenOnLoopback } from "../support/loopback.js";
import { tapeOf } from "../support/service-tape.js";
import { tempFolder } from "../support/temp.js";

async function scene(t: TestContext) {
  const server = http.createServer((_request, response) => void response.end("{}"));
  const target = `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
  const tape = await tapeOf(t, [{ service: "shop", path: "/", at: [0, 5] }]);
  const report = join(tempFolder(t), "out");
  const replay = async (...words: string[]) => {
    const io = fakeIo();
    const code = await runCommandLine(["replay", tape, "--skip-redacted", "--report", report, ...words], io);
    return { code, err: io.err() };
  };
  return { report, target, replay };
}

const secret = "correct-horse-9";

test("a refused replay leaves nothing behind, and does not repeat the password", async (t) => {
  const { report, replay } = await scene(t);
  const { code, err } = await replay("--target", `http://bob:${secret}@127.0.0.1:1`);
  assert.equal(code, 2);
  assert.match(err, /^tapeloop: cannot replay to "http:\/\/…@127\.0\.0\.1:1": .*\n$/);
  assert.equal(existsSync(report), false);
});

test("a refused replay leaves the run of before as it was", async (t) => {
  const { report, target, replay } = await scene(t);
  const { code, err } = await replay("--target", target);
  assert.notEqual(code, 2, err);
  const [names, run] = [readdirSync(report), readFileSync(join(report, "run.db"))];
  assert.equal((await replay("--target", `http://bob:${secret}@127.0.0.1:1`)).code, 2);
  assert.deepEqual(readdirSync(report), names);
  assert.deepEqual(readFileSync(join(report, "run.db")), run);
});

test("a run.db that is no run is not touched", async (t) => {
  const { report, target, replay } = await scene(t);
  await replay("--target", target);
  writeFileSync(join(report, "run.db"), "mine");
  const { code, err } = await replay("--target", target);
  assert.equal(code, 2);
  assert.match(err, /run\.db": it is there already and is no run file; name another folder\n$/);
  assert.equal(readFileSync(join(report, "run.db"), "utf8"), "mine");
});

test("lines do not repeat what URLs and settings hold of secrets", async (t) => {
  const { target, replay } = await scene(t);
  for (const words of [
    ["--target", `${target}/?token=${secret}`],
    ["--target", target, "--lane", `next=http://bob:${secret}@127.0.0.1:1/x`],
    ["--target", target, "--header", `authorization Bearer ${secret}`],
    ["--target", target, "--credential", `header:authorization=${secret}`],
    ["--target", target, `--http://bob:${secret}@h/`],
  ]) {
    const { code, err } = await replay(...words);
    assert.equal(code, 2, err);
    assert.ok(!err.includes(secret), err);
  }
  const io = fakeIo({ env: { TAPELOOP_ADMIN_TOKEN: "s3cr3t" } });
  assert.equal(await runCommandLine(["record", "--listen", "127.0.0.1:0", "--tape", "x/"], io), 2);
  assert.equal(io.err(), "tapeloop: record: TAPELOOP_ADMIN_TOKEN: must have at least 8 characters\n");
});
