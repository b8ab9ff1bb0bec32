import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { newHome } from "../support/command-line.js";
import { envoyBinary } from "../support/envoy.js";
import { configOf, printedConfig } from "../support/telling-envoy.js";

const run = promisify(execFile);

for (const what of ["ext-proc", "access-log"] as const) {
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
    const wrong = text.replace("deferred_close_timeout", "deferred_close_time").replace("log_name", "log_names");
    await assert.rejects(validate(JSON.parse(wrong) as object));
  });
}
