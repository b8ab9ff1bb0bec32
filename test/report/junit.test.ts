import assert from "node:assert/strict";
import { test } from "node:test";
import { renderJunit } from "../../report/index.js";
import type { SentRequest } from "../../tape/index.js";
import { bookinfoRun } from "../support/bookinfo-run.js";
import { divergence, runSummary } from "../support/run-summary.js";
import { parseXml, type XmlElement } from "../support/xml.js";

/** Every test case as `suite / name: outcome`. */
function cases(xml: string): string[] {
  const suites = parseXml(xml).children;
  return suites.flatMap((suite) =>
    suite.children.map(
      (one) => `${suite.attributes.name} / ${one.attributes.name}: ${one.children[0]?.name ?? "passed"}`,
    ),
  );
}

test("a run is one case each for verdict, liveness and order, and one per divergence, route, and reason not to send", () => {
  const { summary, run } = bookinfoRun();
  assert.deepEqual(cases(renderJunit(summary, run)), [
    "run / verdict: failure",
    "run / liveness: passed",
    "run / order: passed",
    "run / not sent: unsafe-method: skipped",
    "run / not sent: truncated: skipped",
    "run / not sent: upgrade: skipped",
    "reviews: GET /reviews/{id} / /reviews/*/rating/stars missing-field: failure",
    "reviews: GET /reviews/{id} / /podname changed-value: skipped",
    "ratings: GET /ratings/{id} / status status: failure",
    "details: GET /details/{id} / header cache-control changed-header: failure",
    "productpage: GET /productpage / changed from below: skipped",
    "productpage: GET /api/v1/products/{id}/reviews / changed from below: skipped",
    "productpage: POST /login / no difference: passed",
  ]);
});

test("an inconclusive run is an error, and passes nothing that it did not prove", () => {
  const xml = renderJunit(
    runSummary({
      verdict: "inconclusive",
      reasons: ["12% live"],
      live: 0.12,
      order: { order: "recorded", required: 7, violated: 2, startInversions: 0 },
    }),
  );
  assert.deepEqual(cases(xml), [
    "run / verdict: error",
    "run / liveness: error",
    "run / order: error",
    "run / not sent: truncated: skipped",
    "reviews: GET /reviews/{id} / no difference: skipped",
  ]);
  assert.equal(parseXml(xml).attributes.errors, "3");
});

test("a run that passed has no failure, no error and nothing skipped", () => {
  const root = parseXml(renderJunit(runSummary({ notSent: {} })));
  const { tests, failures, errors, skipped } = root.attributes;
  assert.deepEqual({ tests, failures, errors, skipped }, { tests: "4", failures: "0", errors: "0", skipped: "0" });
});

test("a failure says both sides of an example and how to send it again", () => {
  const { summary, run } = bookinfoRun();
  const failure = parseXml(renderJunit(summary, run)).children[1]?.children[0]?.children[0] as XmlElement;
  assert.equal(
    failure.attributes.message,
    "GET /reviews/{id} at reviews: /reviews/*/rating/stars number → missing, 142 of 142, since exchange 17",
  );
  assert.deepEqual(failure.text.split("\n"), [
    "version, high: the baseline gave what the recording has in 142 of 142 Steps; the candidate never did",
    "surfaced at productpage: GET /api/v1/products/{id}/reviews: /reviews/*/rating/stars present → missing, 142",
    "exchange 17",
    "expected: 5",
    "actual:   missing",
    "curl -sSi http://127.0.0.1:9081/reviews/0",
  ]);
});

test("known divergences are skipped, groups of one place get numbers, and what should be gone is a case of its own", () => {
  const own = { hop: "reviews", route: "GET /reviews/{id}" };
  const gone = { ...own, place: "body:/old", kind: "missing-field" } as const;
  const xml = renderJunit(
    runSummary({
      ...{ verdict: "diverged", notSent: {} },
      divergences: [divergence(), divergence({ number: 2 }), divergence({ number: 3, place: "body:/x", known: true })],
      expectedGone: [
        { ...gone, met: true },
        { ...gone, place: "body:/older", met: false },
      ],
    }),
  );
  assert.deepEqual(cases(xml).slice(3), [
    "expected to be gone / reviews: GET /reviews/{id}: /old missing-field: failure",
    "expected to be gone / reviews: GET /reviews/{id}: /older missing-field: passed",
    "reviews: GET /reviews/{id} / /stars missing-field: failure",
    "reviews: GET /reviews/{id} / /stars missing-field (2): failure",
    "reviews: GET /reviews/{id} / /x missing-field: skipped",
  ]);
});

test("the line that sends an example again is what was sent, to the lane in which it differed", () => {
  const { summary, run, steps } = bookinfoRun();
  const sent: SentRequest = {
    step: 0,
    headers: [["accept", "text/x"]],
    given: ["authorization"],
    body: { kind: "empty" },
  };
  const lanes = [{ lane: "baseline", reference: "recorded", count: 1, of: 1 }];
  const divergences = summary.divergences.map((one) => ({ ...one, lanes }));
  const xml = renderJunit({ ...summary, divergences }, { ...run, request: () => sent });
  const failure = parseXml(xml).children[1]?.children[0]?.children[0] as XmlElement;
  const path = steps[0]!.path;
  assert.match(
    failure.text.split("\n").at(-1)!,
    new RegExp(`-H 'accept: text/x' .*\\$AUTHORIZATION.* http://127.0.0.1:9080${path}$`),
  );
});

test("totals add up over the suites", () => {
  const { summary } = bookinfoRun();
  const root = parseXml(renderJunit(summary));
  for (const name of ["tests", "failures", "errors", "skipped"] as const) {
    const sum = root.children.reduce((total, suite) => total + Number(suite.attributes[name]), 0);
    assert.equal(Number(root.attributes[name]), sum, name);
  }
});

test("hostile text stays text, and the XML stays XML", () => {
  const hostile = `</testcase>]]>&amp;"'\u0000\u001b[2J\ud800\ufffe <!--`;
  const xml = renderJunit(
    runSummary({
      verdict: "diverged",
      reasons: [hostile],
      divergences: [
        divergence({
          route: hostile,
          hop: hostile,
          place: `header:${hostile}`,
          evidence: hostile,
          examples: [{ exchangeId: 1, step: 0, expected: hostile, actual: hostile }],
        }),
      ],
    }),
  );
  // XML 1.0, section 2.2: the characters a document may hold.
  assert.match(xml, /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
  const shown = `</testcase>]]>&amp;"'\\u{0}\\u{1b}[2J\\u{d800}\\u{fffe} <!--`;
  const suite = parseXml(xml).children[1] as XmlElement;
  assert.equal(suite.attributes.name, `${shown}: ${shown}`);
  assert.ok(suite.children[0]?.children[0]?.text.includes(`expected: ${shown}`));
});
