import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startLab } from "../../lab/index.js";
import type { RunSummary } from "../../tape/index.js";
import { newHome, tapeloop } from "../support/command-line.js";
import { projectFolder } from "../support/project.js";
import { startRecorderProcess } from "../support/recorder-process.js";

const calls = 60;
const file = (name: string) => join(projectFolder, "examples/authors-books-frontend", name);

test("authors a second late and books failing are told as faults, with latencies before and after", async (t) => {
  const home = newHome(t);
  const faults = file("faults.yaml");
  const lab = await startLab({
    services: ["frontend", "authors", "books"].map((name) => ({ name, behave: file(`${name}.yaml`) })),
    virtualServices: { yaml: readFileSync(faults, "utf8"), fileName: faults },
  });
  t.after(() => lab.stop());
  const entry = await lab.entry("frontend");
  const tape = join(home.folder, "tape/");
  const more = ["--mode", "inbound", "--service", "frontend", "--upstream", entry.origin];
  const recorder = await startRecorderProcess(t, home, { tape, more });
  for (let id = 1; id <= calls; id++) {
    const answer = await fetch(`http://127.0.0.1:${recorder.port}/authors/${id}`);
    await answer.arrayBuffer();
    assert.equal(answer.status, 200);
  }
  await recorder.stop();

  const out = join(home.folder, "report");
  const words = ["replay", tape, "--target", entry.origin, "--same-target", "--baseline", entry.origin];
  const { code, stdout, stderr } = await tapeloop(t, home, [
    ...words,
    ...["--faults", file("fault-plan.yaml"), "--order", "recorded", "--report", out],
  ]);
  // One version under faults: what they do is told, and is not held against it.
  assert.equal(code, 0, stdout + stderr);
  const summary = JSON.parse(readFileSync(join(out, "report.json"), "utf8")) as RunSummary;

  // What the lab injected is what the plan marked, in both lanes under faults, and nothing else.
  const { aborted } = lab.observed("books");
  const { delayed } = lab.observed("authors");
  const perLane = { aborted: aborted / 2, delayed: delayed / 2 };
  assert.ok(perLane.delayed >= calls * 0.08 && perLane.delayed <= calls * 0.35, `${perLane.delayed} delayed`);
  assert.ok(perLane.aborted >= calls * 0.05 && perLane.aborted <= calls * 0.4, `${perLane.aborted} aborted`);

  // Before and after: only under faults does anything take a second.
  const lane = (name: string) => summary.lanes.find((one) => one.name === name)!;
  const slow = ({ fromSent: { buckets } }: RunSummary["lanes"][number]) =>
    buckets.filter(({ upToMs }) => upToMs >= 1_000).reduce((sum, { count }) => sum + count, 0);
  assert.equal(slow(lane("candidate+faults")) >= perLane.delayed, true);
  assert.ok(lane("candidate+faults").fromSent.max >= 1_000);
  // Without books the page is still there.
  assert.deepEqual(Object.keys(lane("candidate+faults").statuses), ["200"]);
  const found = summary.divergences.map(({ attribution, place }) => `${attribution} ${place}`);
  assert.ok(found.length > 0 && found.every((one) => one.startsWith("fault ")), found.join("; "));
  assert.ok(
    found.some((one) => one.includes("books")),
    found.join("; "),
  );
  t.diagnostic(stdout);
});
