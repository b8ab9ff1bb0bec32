import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import { isRunning, thisProcess } from "../../../tape/sqlite/process-id.js";
import { startChild } from "../../support/child.js";

test("this process runs, one that ended does not, and of another host nothing is known", async (t) => {
  assert.equal(isRunning(thisProcess()), true);
  const script = `import("${new URL("../../../tape/sqlite/process-id.js", import.meta.url).href}").then(({ thisProcess }) => { console.log(thisProcess()); setInterval(() => {}, 1000); })`;
  const child = startChild(t, process.execPath, ["--input-type=module", "-e", script]);
  const name = await child.firstLine();
  assert.equal(isRunning(name), true);
  await child.end("SIGKILL");
  assert.equal(isRunning(name), false);
  assert.equal(isRunning(`not-${hostname()} 1 1`), undefined);
});

test("a process that took over the pid is another one", () => {
  const [host, pid, started] = thisProcess().split(" ");
  assert.equal(isRunning(`${host} ${pid} ${Number(started) - 1}`), started === undefined);
});
