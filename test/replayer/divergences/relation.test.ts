import assert from "node:assert/strict";
import { test } from "node:test";
import { collectDivergences } from "../../../replayer/divergences/collect.js";
import type { Difference } from "../../../tape/index.js";

const gone = (place: string, expected: string): Difference => ({
  ...{ kind: "missing-field", place, severity: "high", expected },
});

/** What is listed, hop and place, when a service and the one it calls differ so in each Step. */
function listed(differences: (step: number) => { below: Difference; above: readonly Difference[] }): string[] {
  const collector = collectDivergences({ reference: "baseline" });
  for (let step = 0; step < 10; step++) {
    const { below, above } = differences(step);
    const own = { step, exchangeId: step + 1, control: [] };
    const shop = { hop: "shop", route: "GET /" };
    collector.add({ ...own, ...shop, candidate: above });
    collector.add({ ...own, hop: "stock", route: "GET /stock", candidate: [below], above: [shop] });
  }
  return collector.finish().map(({ hop, place }) => `${hop} ${place}`);
}

test("a field that is gone below is gone in the answer that holds it", () => {
  const found = listed((step) => ({
    below: gone("body:/left", String(step)),
    above: [gone("body:/stock/left", String(step))],
  }));
  assert.deepEqual(found, ["stock body:/left"]);
});

test("a field of the same name that held other numbers is the caller's own", () => {
  const found = listed((step) => ({
    below: gone("body:/left", String(step)),
    above: [gone("body:/stock/left", String(step)), gone("body:/left", "70")],
  }));
  assert.deepEqual(found.sort(), ["shop body:/left", "stock body:/left"]);
});

test("one that says the number as a word may be made of it", () => {
  const found = listed((step) => ({
    below: gone("body:/left", String(step)),
    above: [gone("body:/left", `"${step} left"`)],
  }));
  assert.deepEqual(found, ["stock body:/left"]);
});

test("bytes in another coding may show in a caller that does not read it", () => {
  const coding = (expected: string, actual: string): Difference => ({
    ...{ kind: "content-encoding", place: "header:content-encoding", severity: "low", expected, actual },
  });
  const found = listed(() => ({
    below: coding("gzip", "br"),
    above: [{ kind: "changed-value", place: "body:/inner", severity: "medium", expected: '"H4s"', actual: '"Gx"' }],
  }));
  assert.deepEqual(found, ["stock header:content-encoding"]);
});

test("a call that became slow makes its caller slow, and changes nothing else in its answer", () => {
  const collector = collectDivergences({ reference: "baseline" });
  const slower: Difference = {
    ...{ kind: "slower", place: "timing", severity: "medium", expected: "3.0 ms", actual: "300 ms" },
  };
  const timing = { candidate: [slower], control: [] };
  for (let step = 0; step < 30; step++) {
    const own = { step, exchangeId: step + 1, control: [], timing };
    const shop = { hop: "shop", route: "GET /" };
    collector.add({ ...own, ...shop, candidate: [gone("body:/price", String(step))] });
    collector.add({ ...own, hop: "stock", route: "GET /stock", candidate: [], above: [shop] });
  }
  const found = collector.finish().map(({ hop, place }) => `${hop} ${place}`);
  assert.deepEqual(found.sort(), ["shop body:/price", "stock timing"]);
});
