import assert from "node:assert/strict";
import { test } from "node:test";
import { indexExchanges } from "../../../report/serve/exchange-index.js";
import { listPage } from "../../../report/serve/list-page.js";
import type { Difference, RunReader } from "../../../tape/index.js";
import { memoryRun, stepRecord } from "../../support/bookinfo-run.js";
import { runSummary } from "../../support/run-summary.js";

const found = (step: number): Difference => ({
  ...{ kind: "changed-value", place: `body:/items/${step}`, severity: step % 2 === 0 ? "high" : "low" },
  ...{ expected: "1", actual: "2" },
});

function runOf(steps: number): RunReader {
  const records = Array.from({ length: steps }, (_, step) => stepRecord({ step, exchangeId: step + 100 }));
  return {
    ...memoryRun(records, []),
    differences: () =>
      records.map(({ step }) => ({ step, hop: step === 3 ? "ratings" : "reviews", difference: found(step) })),
    differencesOf: (step) => [{ ...found(step), hop: step === 3 ? "ratings" : "reviews" }],
  };
}

function pageOf(steps: number, ...narrowed: [filter: Parameters<typeof listPage>[1], page: number]): string {
  const [summary, run] = [runSummary(), runOf(steps)];
  return listPage({ summary, run, index: indexExchanges(summary, run) }, ...narrowed).markup;
}

const rows = (page: string) => [...page.matchAll(/href="\/exchanges\/(\d+)"/g)].map(([, step]) => Number(step));

test("each page holds fifty exchanges, the last one the rest, one beyond none", () => {
  assert.deepEqual(rows(pageOf(120, {}, 1)), [...Array(50).keys()]);
  assert.deepEqual(
    rows(pageOf(120, {}, 3)),
    Array.from({ length: 20 }, (_, at) => 100 + at),
  );
  assert.match(pageOf(120, {}, 4), /No exchange that differs matches/);
  assert.doesNotMatch(pageOf(50, {}, 1), /class="pager"/);
});

test("what it is narrowed by stays in the form and in the links to other pages", () => {
  const page = pageOf(240, { severity: "high", route: "GET /reviews/{id}" }, 2);
  assert.match(page, /120 of 240/);
  assert.match(page, /<option value="high" selected>/);
  assert.match(page, /href="\/exchanges\?route=GET\+%2Freviews%2F%7Bid%7D&amp;severity=high&amp;page=3"/);
});

test("a row says what became of the place, and the hop where that is not the exchange's own", () => {
  const page = pageOf(4, {}, 1);
  assert.match(page, /<div><code>\/items\/0<\/code> 1 → 2<\/div>/);
  assert.match(page, /<div>ratings: <code>\/items\/3<\/code> 1 → 2<\/div>/);
});
