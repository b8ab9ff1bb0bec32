import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runCommandLine } from "../../../cli/run.js";
import { fakeIo } from "../../support/io.js";
import { exchangesOn, startPulledRecorder } from "../../support/pulling.js";
import { tempFolder } from "../../support/temp.js";
import { until } from "../../support/until.js";

test("recorders are pulled one after the other, a line each", async (t) => {
  const tape = join(tempFolder(t), "tape");
  const [a, b] = [await startPulledRecorder(t, { name: "a" }), await startPulledRecorder(t, { name: "b" })];
  await a.store(1);
  await b.store(2);
  const io = fakeIo();
  assert.equal(await runCommandLine(["tape", "pull", a.admin, b.admin, "--tape", tape, "--seal"], io), 0, io.err());
  assert.match(io.out(), /^127.*: 1 segments pulled \(.*\), 0 here already\n127.*: 1 segments pulled .*\n$/);
  assert.equal(await exchangesOn(tape), 3);
});

test("--follow pulls again until it is interrupted, which is its end", async (t) => {
  const tape = join(tempFolder(t), "tape");
  const recorder = await startPulledRecorder(t, { token: "open-sesame" });
  await recorder.store(1);
  const stop = new AbortController();
  const io = fakeIo({ signal: stop.signal, env: { TAPELOOP_ADMIN_TOKEN: "open-sesame" } });
  const ended = runCommandLine(["tape", "pull", recorder.admin, "--tape", tape, "--seal", "--follow", "20ms"], io);
  const pulled = () => io.out().match(/1 segments pulled/g)?.length ?? 0;
  await until("the first segment", () => pulled() === 1);
  await recorder.store(1);
  await until("the next segment", () => pulled() === 2);
  stop.abort();
  assert.equal(await ended, 0, io.err());
  assert.equal(await exchangesOn(tape), 2);
});

test("a file is no place to pull into, and is said to be none", async (t) => {
  const { admin } = await startPulledRecorder(t, {});
  const file = join(tempFolder(t), "old.db");
  writeFileSync(file, "");
  const io = fakeIo();
  assert.equal(await runCommandLine(["tape", "pull", admin, "--tape", file], io), 2);
  assert.equal(io.err(), `tapeloop: cannot pull into "${file}": it is a file; name a folder, old or new\n`);
});

test("a recorder that refuses ends with 2 and one line", async (t) => {
  const { admin } = await startPulledRecorder(t, { token: "open-sesame" });
  const io = fakeIo();
  assert.equal(await runCommandLine(["tape", "pull", admin, "--tape", join(tempFolder(t), "tape")], io), 2);
  assert.equal(io.err(), `tapeloop: cannot pull from ${admin}: it answered 401: this needs the admin token\n`);
});
