import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { openTape } from "../../tape/index.js";
import { allOf } from "../support/captured.js";
import { newHome } from "../support/command-line.js";
import { envoyBinary } from "../support/envoy.js";
import { startRecorderProcess } from "../support/recorder-process.js";
import { configOf, printedConfig, startTellingEnvoy } from "../support/telling-envoy.js";
import { until } from "../support/until.js";
import { startService } from "../support/upstream.js";

const run = promisify(execFile);

for (const what of ["ext-proc", "access-log", "mirror"] as const) {
  test(`a real Envoy takes what is printed for ${what}, and would not take anything`, async (t) => {
    const binary = await envoyBinary(t);
    if (binary === undefined) return;
    const home = newHome(t);
    const printed = await printedConfig(t, home, what, 50051);
    const validate = async (config: object) => {
      const file = join(home.folder, "envoy.json");
      writeFileSync(file, JSON.stringify(config));
      await run(binary, ["--mode", "validate", "-c", file, "--log-level", "error"]);
    };
    await validate(configOf({ service: 1, printed }));
    const text = JSON.stringify(configOf({ service: 1, printed }));
    const wrong = text
      .replace("deferred_close_timeout", "deferred_close_time")
      .replace("log_name", "log_names")
      .replace("request_mirror_policies", "request_mirror_policy");
    await assert.rejects(validate(JSON.parse(wrong) as object));
  });
}

test("what is printed for a mirror brings a copy of each call to the recorder", async (t) => {
  const binary = await envoyBinary(t);
  if (binary === undefined) return;
  const home = newHome(t);
  const service = await startService(t);
  const tape = join(home.folder, "tape.db");
  const recorder = await startRecorderProcess(t, home, { tape });
  const printed = await printedConfig(t, home, "mirror", recorder.port);
  const envoy = await startTellingEnvoy(t, binary, { service: service.port, printed });
  for (let call = 1; call <= 5; call++) {
    const answer = await fetch(`http://127.0.0.1:${envoy.port("way")}/echo/${call}`);
    assert.equal(answer.status, 200);
    await answer.arrayBuffer();
  }
  await until("five copies", async () => (await recorder.metric("tapeloop_recorder_seen_total")) === 5);
  await recorder.stop();
  const reader = await openTape([tape]);
  t.after(() => reader.close());
  const paths = (await allOf(reader.read())).map(({ vantage, request }) => `${vantage} ${request.path}`);
  assert.deepEqual(
    paths,
    [1, 2, 3, 4, 5].map((call) => `mirror /echo/${call}`),
  );
});
