import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { askHttp1 } from "../support/clients.js";
import { newHome } from "../support/command-line.js";
import { startRecorderProcess } from "../support/recorder-process.js";

test("a regular expression that never comes to an end costs recording, not calls", async (t) => {
  const home = newHome(t);
  const more = ["--queue", "256KiB", "--keep", 'path ~ "^/(a+)+$"'];
  const recorder = await startRecorderProcess(t, home, { tape: join(home.folder, "tape.db"), more });
  // Backtracking takes 2 to the power of 60 steps: whoever tries this does nothing else any more.
  const evil = `/${"a".repeat(60)}!`;
  for (let call = 0; call < 200; call++) {
    const body = ["x".repeat(5000)];
    assert.equal(
      (await askHttp1(recorder.port, { method: "POST", path: call === 0 ? evil : `/${call}`, body })).status,
      200,
    );
  }
  assert.equal(await recorder.metric("tapeloop_recorder_seen_total"), 200);
  assert.equal(await recorder.metric("tapeloop_recorder_kept_total"), 0);
  // What does not fit the queue is dropped and counted; the rest waits for a store that will not answer.
  const dropped = await recorder.metric("tapeloop_recorder_dropped_total");
  const undecided = await recorder.metric("tapeloop_recorder_undecided_calls");
  assert.ok(dropped > 100, `${dropped}`);
  assert.equal(dropped + undecided, 200);
  await recorder.kill();
});
