import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ExperimentSummary } from "../../report/index.js";
import { bookinfoFile, recordPages, startBookinfo } from "../support/bookinfo-mesh.js";
import { newHome, tapeloop } from "../support/command-line.js";

const calls = 30;

test("the example's experiment fails reviews v4, which passes on that ratings failed, and passes v3, without a query written by hand", async (t) => {
  const home = newHome(t);
  const hops = ["old", "new"].map((name) => join(home.folder, `hops-${name}/`));
  const [old, next] = await Promise.all([
    startBookinfo(t, home, { reviews: "v3", hops: hops[0]! }),
    startBookinfo(t, home, { reviews: "v4", hops: hops[1]! }),
  ]);
  await recordPages(t, home, old.entry, calls);
  const judged = async (candidate: URL) => {
    const where = ["--tape", "tape/", "--target", candidate.origin, "--baseline", old.entry.origin, "--hops", ...hops];
    const asked = [...where, "--json", "experiment.json", "--html", "experiment.html", "--report", "report/"];
    const ended = await tapeloop(t, home, ["experiment", "run", bookinfoFile("experiment.yaml"), ...asked]);
    const written = readFileSync(join(home.folder, "experiment.json"), "utf8");
    return { ...ended, summary: JSON.parse(written) as ExperimentSummary };
  };

  const v4 = await judged(next.entry);
  assert.equal(v4.code, 1, v4.stdout + v4.stderr);
  assert.deepEqual(v4.summary.reasons, [
    "nothing-reaches-the-user: 1 (> 0), interaction at reviews, GET /reviews/{id}: status (status)",
  ]);
  const found = v4.summary.replay!.divergences.filter(({ attribution }) => attribution !== "noise");
  assert.deepEqual(
    found.map(({ attribution, hop, blast }) => [attribution, hop, blast]),
    [
      ["interaction", "reviews", "propagated"],
      ["fault", "ratings", "contained"],
    ],
  );
  assert.match(readFileSync(join(home.folder, "experiment.html"), "utf8"), /<h1>Failed<\/h1>/);
  assert.ok(existsSync(join(home.folder, "report", "report.html")));

  const v3 = await judged(old.entry);
  assert.equal(v3.code, 0, v3.stdout + v3.stderr);
  assert.deepEqual([v3.summary.conclusion, v3.summary.reasons], ["Passed", []]);
  await Promise.all([old.stopRecorders(), next.stopRecorders()]);
});
