import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { indexExchanges } from "../../../report/serve/exchange-index.js";
import { createRun, type Difference, openRun, type RunSummary } from "../../../tape/index.js";
import { stepRecord } from "../../support/bookinfo-run.js";
import { writeLargeRun } from "../../support/large-run.js";
import { divergence, runSummary } from "../../support/run-summary.js";
import { tempFolder } from "../../support/temp.js";

test("every divergent exchange is found by group, by route and by severity, in tape order", async (t) => {
  const path = join(tempFolder(t), "run.db");
  const summary = await writeLargeRun(path, { steps: 3000, groups: 620 });
  const run = openRun(path);
  t.after(() => run.close());
  const index = indexExchanges(summary, run);
  assert.equal(index.size, 3000);
  for (const { number, count, hop, route } of summary.divergences) {
    const { steps, matching } = index.page({ group: number }, 0, 1000);
    assert.deepEqual([matching, steps.length], [count, count], `group ${number}`);
    for (const step of steps) assert.deepEqual([run.step(step)?.callee, run.step(step)?.route], [hop, route]);
  }
  const high = index.page({ severity: "high" }, 0, 10_000).steps;
  const medium = index.page({ severity: "medium" }, 0, 10_000).steps;
  assert.deepEqual(
    [...high, ...medium].sort((one, other) => one - other),
    Array.from({ length: 3000 }, (_, at) => at),
  );
  const route = index.routes[0]!;
  assert.deepEqual(index.page({ route, severity: "high", group: 999 }, 0, 9), { steps: [], matching: 0 });
  const page = index.page({}, 2990, 50);
  assert.deepEqual([page.steps[0], page.steps.length, page.matching], [2990, 10, 3000]);
  assert.deepEqual(index.around(0), { after: 1 });
  assert.deepEqual(index.around(2999), { before: 2998 });
  assert.deepEqual(index.around(5000), {});
});

test("a Difference at a hop below, or one that only surfaced, belongs to the group it began in", async (t) => {
  const path = join(tempFolder(t), "run.db");
  const status = { kind: "status", place: "status", severity: "high", expected: 200, actual: 500 } satisfies Difference;
  const at = (place: string): Difference => ({ kind: "missing-field", place, severity: "medium", expected: "5" });
  const summary: RunSummary = runSummary({
    divergences: [
      divergence({
        ...{ number: 1, hop: "ratings", route: "GET /ratings/{id}", place: "status", kind: "status" },
        surfaced: [{ hop: "reviews", route: "GET /reviews/{id}", place: "status", kind: "status", count: 1 }],
      }),
      divergence({ number: 2, hop: "reviews", route: "GET /reviews/{id}", place: "body:/items/*/sku" }),
      // The same place of another route of the hop below: told apart by the route that is kept beside it.
      divergence({ number: 3, hop: "ratings", route: "GET /other", place: "status", kind: "status" }),
    ],
  });
  const { run: id, tapeloop, startedAt, lanes } = summary;
  const writer = createRun(path, { run: id, tapeloop, startedAt, tapePaths: [], keyId: "0".repeat(16), lanes });
  writer.steps([0, 1, 2].map((step) => stepRecord({ step, exchangeId: step + 1 })));
  writer.differences(2, "reviews", [at("body:/items/7/sku")]);
  writer.differences(0, "reviews", [status]);
  writer.differences(0, "ratings", [status], "GET /ratings/{id}");
  await writer.finish(summary);
  await writer.close();
  const run = openRun(path);
  t.after(() => run.close());
  const index = indexExchanges(summary, run);
  assert.deepEqual([0, 1, 2].map(index.groupsOf), [[1], [], [2]]);
  assert.deepEqual(index.page({ group: 3 }, 0, 9).steps, []);
  assert.equal(index.size, 2, "Step 1 does not differ");
});
