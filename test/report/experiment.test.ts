import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { sparkline } from "../../report/experiment/sparkline.js";
import { type ExperimentSummary, renderExperimentHtml, renderExperimentText } from "../../report/index.js";
import { bookinfoRun } from "../support/bookinfo-run.js";
import { startBrowser } from "../support/browser.js";
import { tempFolder } from "../support/temp.js";

const history = (length: number, value: (at: number) => number | undefined) =>
  Array.from({ length }, (_, at) => {
    const read = value(at);
    return read === undefined ? { atMs: at * 500 } : { atMs: at * 500, value: read };
  });

/** An experiment that failed after a threshold of Prometheus tripped. */
function failedExperiment(changes: Partial<ExperimentSummary> = {}): ExperimentSummary {
  const { summary } = bookinfoRun();
  const { verdict, reasons, steps, sent, answered, compared, lanes, divergences } = summary;
  return {
    ...{
      format: 1,
      experiment: "ratings-down",
      why: "reviews v4 before it replaces v3",
      run: "4711beef",
      tapeloop: "0.1.0",
    },
    ...{ startedAt: "2026-11-22T10:00:00.000Z", durationMs: 42_000, conclusion: "Failed", interrupted: false },
    reasons: ['users-errors: 9.3 (> 5), {pod="shop-0"}'],
    states: [
      { state: "Pending", atMs: 0 },
      { state: "Steady", atMs: 800 },
      { state: "Running", atMs: 6_000 },
      { state: "Failed", atMs: 36_000 },
      { state: "PutBack", atMs: 36_400 },
    ],
    changes: [
      {
        atMs: 6_200,
        kind: "fault-on",
        what: "fault ratings-down on ratings: answers a call with 503 itself, for calls marked feed0001",
      },
      { atMs: 9_300, kind: "sending", what: "requests to 4 lanes" },
      { atMs: 36_000, kind: "tripped", what: 'users-errors: 9.3 (> 5), {pod="shop-0"}' },
      { atMs: 36_300, kind: "fault-off", what: "VirtualService shop/ratings: as-before" },
      { atMs: 38_000, kind: "sent", what: "nothing more is sent" },
    ],
    thresholds: [
      {
        ...{
          name: "users-errors",
          rule: 'sum(rate(http_requests_total{status=~"5.."}[1m])) > 5 for 5s',
          source: "prometheus",
          unit: "",
        },
        ...{ bound: 5, standing: "tripped", why: '9.3 (> 5), {pod="shop-0"}', atMs: 36_000 },
        history: history(73, (at) => (at < 20 ? 0.2 : 0.2 + (at - 20) * 0.18 + Math.sin(at))),
      },
      {
        ...{
          name: "pages-fail",
          rule: "share of answers that failed > 20% in 1m",
          source: "stream",
          unit: "%",
          bound: 0.2,
          standing: "well",
        },
        history: history(70, (at) => (at < 20 ? undefined : 0.08 + 0.05 * Math.sin(at / 5))),
      },
      {
        ...{
          name: "still-fast",
          rule: "latency of 99 in 100 > 800ms in 1m",
          source: "stream",
          unit: "ms",
          bound: 800,
          standing: "well",
        },
        history: history(70, (at) => (at < 20 ? undefined : 200 + 60 * Math.sin(at / 3))),
      },
      {
        ...{ name: "pager", rule: "webhook http://pager says no", source: "webhook", unit: "", standing: "well" },
        history: history(75, () => 0),
      },
    ],
    faults: [
      {
        name: "ratings-down",
        what: "on ratings: answers a call with 503 itself, for 50% of the Steps, marked feed0001",
      },
    ],
    putBack: [{ fault: "ratings-down", object: "VirtualService shop/ratings", outcome: "as-before" }],
    replay: { verdict, reasons, steps, sent, answered, compared, lanes, divergences },
    warnings: ["fault ratings-down: retries of its routes are not obeyed for requests that meet the fault"],
    ...changes,
  };
}

test("the text says what it came to, why, when, how thresholds went and how all was left", () => {
  const text = renderExperimentText(failedExperiment(), { color: false });
  for (const said of [
    /^Failed: experiment ratings-down: users-errors: 9\.3 \(> 5\)/,
    /Pending 0 ms → Steady 800 ms → Running 6\.0 s → Failed 36\.0 s → PutBack 36\.4 s/,
    /✗ users-errors: sum\(rate.*▁.*█/,
    /✓ pages-fail: .* {2}·+[▁-█ ]+ \d+(\.\d)?%\n/,
    /VirtualService shop\/ratings: put back, read back and compared: as it was/,
    /interaction: .*status 200 → 500/,
    /6\.2 s {2}fault ratings-down on ratings/,
  ]) {
    assert.match(text, said);
  }
});

test("what was not put back stands out in text and page", () => {
  const putBack = [{ fault: "down", object: "VirtualService shop/ratings", outcome: "failed", why: "no answer" }];
  const summary = failedExperiment({ putBack });
  assert.match(
    renderExperimentText(summary, { color: false }),
    /VirtualService shop\/ratings: NOT put back: no answer/,
  );
  assert.match(renderExperimentHtml(summary), /<tr class="failed">.*NOT put back: no answer/);
});

test("an experiment that changed and sent nothing has a report, too", () => {
  const { replay: _replay, ...rest } = failedExperiment({
    ...{ conclusion: "Inconclusive", changes: [], putBack: [], thresholds: [], warnings: [], faults: [] },
    reasons: ["before anything was changed: users-errors: the result is empty"],
  });
  assert.match(
    renderExperimentText(rest, { color: false }),
    /^Inconclusive: .*\n.*\n\nReplay\n {2}nothing was sent\n$/,
  );
  assert.match(renderExperimentHtml(rest), /Nothing was changed in a cluster/);
});

test("what comes from outside is text on the page, never markup", () => {
  const hostile = "<script>alert(1)</script>";
  const page = renderExperimentHtml(
    failedExperiment({ why: hostile, reasons: [hostile], warnings: [hostile], experiment: hostile }),
  );
  assert.ok(!page.includes(hostile));
});

test("a sparkline shows rises, and a dot where nothing was read", () => {
  const points = [0, 1, 2, undefined, 4, 8].map((value, at) =>
    value === undefined ? { atMs: at } : { atMs: at, value },
  );
  assert.equal(sparkline(points, 40), "▁▂▃·▅█");
  assert.equal(sparkline([], 40), "");
  assert.equal(
    [
      ...sparkline(
        history(1_000, (at) => at),
        40,
      ),
    ].length,
    40,
  );
});

test("the page loads nothing, complains of nothing, and fits a wide and a narrow window", async (t) => {
  const browser = await startBrowser(t);
  if (browser === undefined) return;
  const file = join(tempFolder(t), "experiment.html");
  writeFileSync(file, renderExperimentHtml(failedExperiment()));
  const shots = process.env.TAPELOOP_SCREENSHOTS;
  for (const [width, scheme] of [
    [1280, "light"],
    [420, "dark"],
  ] as const) {
    const page = await browser.open(pathToFileURL(file).href, { width, scheme });
    assert.deepEqual([page.complaints, page.requests.length], [[], 1]);
    const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
    assert.ok(overflow <= 0, `${overflow} px too wide at ${width}`);
    const curves =
      "[...document.querySelectorAll('.plot .curve')].filter((one) => one.getBoundingClientRect().width > 50).length";
    assert.equal(await page.evaluate<number>(curves), 4);
    if (shots) writeFileSync(join(shots, `experiment-${width}-${scheme}.png`), await page.screenshot());
  }
});
