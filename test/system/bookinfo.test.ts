import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { RunSummary } from "../../tape/index.js";
import { bookinfoFile, recordPages, replayPages, startBookinfo } from "../support/bookinfo-mesh.js";
import { type Home, newHome } from "../support/command-line.js";

const calls = 40;

function reportOf(home: Home): RunSummary {
  return JSON.parse(readFileSync(join(home.folder, "report/report.json"), "utf8")) as RunSummary;
}

const inShort = ({ divergences }: RunSummary) =>
  divergences
    .filter(({ attribution }) => attribution !== "noise")
    .map(({ attribution, hop, place, kind, blast }) => `${attribution}: ${hop} ${place} ${kind}, ${blast}`);

test("reviews v4 fails with ratings and v3 does without: interaction, begun at reviews, propagated; the fault in v3 is contained", async (t) => {
  const home = newHome(t);
  const hops = ["old", "new"].map((name) => join(home.folder, `hops-${name}/`));
  const [old, next] = await Promise.all([
    startBookinfo(t, home, { reviews: "v3", hops: hops[0]! }),
    startBookinfo(t, home, { reviews: "v4", hops: hops[1]! }),
  ]);
  await recordPages(t, home, old.entry, calls);

  const lanes = ["--target", next.entry.origin, "--baseline", old.entry.origin, "--aa"];
  const faults = ["--faults", bookinfoFile("fault-plan.yaml"), "--hops", ...hops];
  const { code, stdout, stderr } = await replayPages(t, home, [...lanes, ...faults, "--same-target"]);
  await Promise.all([old.stopRecorders(), next.stopRecorders()]);
  assert.equal(code, 1, stdout + stderr);

  const summary = reportOf(home);
  assert.deepEqual(inShort(summary), [
    "interaction: reviews status status, propagated",
    "fault: ratings hop missing-call, contained",
  ]);
  const [interaction, fault] = summary.divergences;
  const met = fault!.count;
  assert.ok(met > 5 && met < calls - 5, `${met} Steps met the fault`);
  // Exactly the marked requests: in three lanes under faults, each once.
  assert.equal(old.lab.observed("ratings").aborted + next.lab.observed("ratings").aborted, 3 * met);
  assert.deepEqual(interaction!.lanes, [
    { lane: "candidate+faults", reference: "baseline+faults", count: met, of: calls },
  ]);
  assert.deepEqual(fault!.lanes, [{ lane: "baseline+faults", reference: "baseline", count: met, of: met }]);
  assert.equal(
    interaction!.evidence,
    `under "abort-ratings" candidate+faults differs from baseline+faults in ${met} of ${calls}; without faults candidate never differed from baseline here in ${calls}`,
  );
  assert.deepEqual(
    interaction!.surfaced.filter(({ place }) => place === "status").map(({ hop, count }) => [hop, count]),
    [["productpage", met]],
  );
});
