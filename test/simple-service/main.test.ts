import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { startReadyProcess } from "../../lab/index.js";
import { simpleServiceScript } from "../support/simple-service.js";

test("SIGTERM lets a call in flight end and exits with 0", async () => {
  const process = await startReadyProcess({ name: "s", script: simpleServiceScript, args: [] });
  const answer = fetch(`http://${String(process.ready.listen)}/delayed?delay=150`);
  await fetch(`http://${String(process.ready.listen)}/`);
  await process.stop();
  assert.equal(await process.ended, "exit code 0");
  assert.equal((await answer).status, 200);
});

test("with --stop-with-stdin it ends when its starter is gone", async () => {
  const child = spawn(process.execPath, [simpleServiceScript, "--stop-with-stdin"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.stdin.end();
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("a port in use is one line and exit code 2", async (t) => {
  const first = await startReadyProcess({ name: "s", script: simpleServiceScript, args: [] });
  t.after(() => first.stop());
  const port = String(first.ready.listen).split(":")[1]!;
  const second = startReadyProcess({ name: "s", script: simpleServiceScript, args: ["--port", port] });
  await assert.rejects(
    second,
    new RegExp(`exit code 2: simple-service: cannot listen on 127\\.0\\.0\\.1:${port}: [^|]*$`),
  );
});
