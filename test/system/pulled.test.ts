import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startChild } from "../support/child.js";
import { askHttp1 } from "../support/clients.js";
import { mainFile, newHome, tapeloop, tapeloopJson } from "../support/command-line.js";
import { startCuttingProxy } from "../support/cutting-proxy.js";
import { namesIn } from "../support/pulling.js";
import { startRecorderProcess } from "../support/recorder-process.js";
import type { TapeStatsJson } from "../support/tape-json.js";
import { until } from "../support/until.js";

const calls = 40;
const body = (call: number) =>
  Array.from({ length: 900 }, (_, at) => ((call * 7919 + at * 104_729) % 1e9).toString(36)).join("");

for (const killed of ["puller", "recorder"] as const) {
  test(`kill -9 of the ${killed} in the middle of a pull leaves no half segment, and the next pull finishes it`, async (t) => {
    const home = newHome(t);
    const recorder = await startRecorderProcess(t, home, { tape: "live/" });
    for (let call = 0; call < calls; call++) {
      await askHttp1(recorder.port, { method: "POST", path: `/${call}`, headers: [["host", "a"]], body: [body(call)] });
    }
    await until("all calls kept", async () => (await recorder.metric("tapeloop_recorder_kept_total")) === calls);
    await fetch(`http://${recorder.admin}/tape/seal`, { method: "POST" });
    const { size } = statSync(join(home.folder, "live", "segment-000001.db"));
    const port = await startCuttingProxy(t, Number(recorder.admin.split(":").at(-1)), {
      leftBytes: Math.floor(size / 2),
      ending: "stand-still",
    });
    const words = ["tape", "pull", `127.0.0.1:${port}`, "--tape", "pulled"];
    const puller = startChild(t, process.execPath, [mainFile, ...words], { env: home.env, cwd: home.folder });
    const pulled = join(home.folder, "pulled");
    const draft = () => namesIn(pulled).find((name) => name.endsWith(".part"));
    await until("half a copy", () => {
      const name = draft();
      return name !== undefined && statSync(join(pulled, name)).size > size / 4;
    });
    if (killed === "puller") await puller.end("SIGKILL");
    else {
      await recorder.kill();
      assert.equal((await puller.ended).code, 2, puller.stderr);
      assert.match(puller.stderr, /^tapeloop: cannot pull from .*\n$/);
    }
    assert.ok(!namesIn(pulled).some((name) => name.endsWith(".db")), namesIn(pulled).join(", "));

    const again = killed === "puller" ? recorder : await startRecorderProcess(t, home, { tape: "live/" });
    const rest = await tapeloop(t, home, ["tape", "pull", again.admin, "--tape", "pulled"]);
    assert.equal(rest.code, 0, rest.stderr);
    assert.ok(namesIn(pulled).includes("segment-000001.db"));
    assert.ok(!namesIn(pulled).some((name) => name.startsWith(".")), namesIn(pulled).join(", "));
    const stats = await tapeloopJson<TapeStatsJson>(t, home, ["tape", "stats", "pulled", "--json"]);
    assert.equal(stats.exchanges, calls);
  });
}
