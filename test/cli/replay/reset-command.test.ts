import assert from "node:assert/strict";
import { test } from "node:test";
import { runReset } from "../../../cli/replay/reset-command.js";
import { tempFolder } from "../../support/temp.js";

test("the reset command runs in the folder, knows the lane, and must succeed", async (t) => {
  const said: string[] = [];
  const io = {
    ...{ stdout: { write: () => true }, stderr: { write: (text: string) => said.push(text) > 0 } },
    ...{ env: { PATH: process.env.PATH }, folder: tempFolder(t), signal: new AbortController().signal },
  };
  await runReset('echo "before $TAPELOOP_LANE"; touch was-here', "candidate", io);
  assert.deepEqual(said, ["before candidate\n"]);
  await runReset("test -f was-here", "candidate", io);
  await assert.rejects(runReset("exit 3", "candidate", io), /--reset-command before lane "candidate": exit code 3/);
});
