import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parse } from "yaml";
import { startLab } from "../../lab/index.js";
import { startChild } from "../support/child.js";
import { type Home, mainFile, newHome } from "../support/command-line.js";
import { projectFolder } from "../support/project.js";
import { startRecorderProcess } from "../support/recorder-process.js";

const calls = 50;
const file = (name: string) => join(projectFolder, "examples/upgrade-gate", name);

interface Step {
  name?: string;
  run?: string;
  if?: string;
}
const pipeline = parse(readFileSync(file("pipeline.yaml"), "utf8")) as { jobs: { replay: { steps: Step[] } } };

/** Runs the steps of the pipeline's job as its runner does: one that fails stops all but those that always run. */
async function runGate(
  t: TestContext,
  home: Home,
  env: Record<string, string>,
): Promise<{ failed: string[]; text: string }> {
  const bin = join(home.folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "tapeloop"), `#!/bin/sh\nexec ${process.execPath} ${mainFile} "$@"\n`);
  chmodSync(join(bin, "tapeloop"), 0o755);
  const failed: string[] = [];
  let text = "";
  for (const step of pipeline.jobs.replay.steps) {
    if (step.run === undefined || (failed.length > 0 && step.if !== "always()")) continue;
    const child = startChild(t, "bash", ["-eo", "pipefail", "-c", step.run], {
      env: { ...home.env, ...env, PATH: `${bin}:${process.env.PATH}` },
      cwd: home.folder,
    });
    const { code } = await child.ended;
    text += child.stdout + child.stderr;
    if (code !== 0) failed.push(step.name!);
  }
  return { failed, text };
}

test("the gate lets an upgrade pass that changes nothing, and fails for one that does, with the reason on its page", async (t) => {
  const home = newHome(t);
  const versions = { production: "v1", baseline: "v1", good: "v2", broken: "v2-broken" };
  const lab = await startLab({
    services: Object.entries(versions).map(([name, version]) => ({ name, behave: file(`orders-${version}.yaml`) })),
    virtualServices: { yaml: "", fileName: "none.yaml" },
  });
  t.after(() => lab.stop());
  const more = ["--mode", "inbound", "--service", "orders", "--upstream", lab.address("production").origin];
  const recorder = await startRecorderProcess(t, home, { tape: join(home.folder, "tape/"), more });
  for (let id = 1; id <= calls; id++) {
    await (await fetch(`http://127.0.0.1:${recorder.port}/orders/${id}`)).arrayBuffer();
  }
  await recorder.stop();

  const page = join(home.folder, "summary.md");
  const gate = (candidate: keyof typeof versions) => {
    writeFileSync(page, "");
    const addresses = { BASELINE: lab.address("baseline").origin, CANDIDATE: lab.address(candidate).origin };
    return runGate(t, home, { ...addresses, GITHUB_STEP_SUMMARY: page });
  };
  const good = await gate("good");
  assert.deepEqual(good.failed, [], good.text);
  assert.match(readFileSync(page, "utf8"), /^## . tapeloop: passed/u);

  const broken = await gate("broken");
  assert.deepEqual(broken.failed, ["Replay yesterday's traffic against both versions"], broken.text);
  const told = readFileSync(page, "utf8");
  assert.match(told, /tapeloop: diverged/);
  assert.match(told, /\/total/);
  assert.match(readFileSync(join(home.folder, "junit.xml"), "utf8"), /<failure[^>]*total/);
  t.diagnostic(broken.text);
});
