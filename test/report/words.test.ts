import assert from "node:assert/strict";
import { test } from "node:test";
import {
  changeInWords,
  headline,
  isNoise,
  namesHops,
  placeInWords,
  sideInWords,
  verdictSentence,
} from "../../report/words.js";
import type { Divergence } from "../../tape/index.js";
import { divergence, runSummary } from "../support/run-summary.js";

test("a divergence is one line: route, place, what became of it, how often, since when", () => {
  assert.equal(
    headline(divergence(), { namesHop: false }),
    "GET /reviews/{id}: /stars number → missing, 142 of 142, since exchange 17",
  );
  assert.match(headline(divergence(), { namesHop: true }), /^GET \/reviews\/\{id\} at reviews: /);
});

test("hops are named once there are two of them", () => {
  const surfaced = [{ hop: "front", route: "GET /", place: "body", kind: "changed-text" as const, count: 1 }];
  assert.equal(namesHops([divergence(), divergence()]), false);
  assert.equal(namesHops([divergence(), divergence({ hop: "ratings" })]), true);
  assert.equal(namesHops([divergence({ surfaced })]), true);
});

function change(kind: Divergence["kind"], ...pairs: readonly [expected: string, actual: string][]): string {
  const examples = pairs.map(([expected, actual]) => ({ exchangeId: 1, step: 0, expected, actual }));
  return changeInWords({ kind, examples });
}

test("every kind of difference says what became of the place", () => {
  assert.equal(change("missing-field", ["5", "(none)"], ["null", "(none)"]), "number or null → missing");
  assert.equal(change("added-field", ["(none)", '{"a":1}']), "missing → object");
  assert.equal(change("changed-type", ["number 5", 'string "5"']), "number → string");
  assert.equal(change("changed-type", ["[1]", "true"]), "array → boolean");
  assert.equal(change("status", ["200", "500"], ["200", "503"]), "200 → 500 or 503");
  assert.equal(change("failure", ["status 200", "refused"]), "200 → refused");
  assert.equal(change("changed-value", ["5", "4"], ["6", "4"]), "changed, e.g. 5 → 4");
  assert.equal(change("changed-value", ["x".repeat(99), "y"]), "changed");
  assert.equal(change("array-length", ["2", "3"]), "length 2 → 3");
  assert.equal(change("answer-end", ["complete", "reset"]), "end complete → reset");
  assert.equal(change("missing-header", ["a", "(none)"]), "present → missing");
  assert.equal(change("missing-call", ["1", "(none)"]), "made → missing");
});

test("groups of one place and kind are told apart by how their values changed", () => {
  const change = (kind: Divergence["kind"], breaks: NonNullable<Divergence["breaks"]>) =>
    changeInWords({ kind, breaks, examples: [{ exchangeId: 1, step: 0, expected: "5", actual: '"a"' }] });
  assert.equal(change("changed-value", "class"), 'changed to another class, e.g. 5 → "a"');
  assert.equal(change("changed-header", "shift"), 'changed by whole quarter-hours, e.g. 5 → "a"');
  assert.equal(change("changed-text", "class"), "text changed to another class");
});

test("places are read as people name them", () => {
  const places = ["body:/a/*/b", "body:", "body", "status", "header:etag", "trailer:grpc-status", "hop"];
  assert.deepEqual(places.map(placeInWords), [
    "/a/*/b",
    "body",
    "body",
    "status",
    "header etag",
    "trailer grpc-status",
    "call",
  ]);
});

test("the place of a value very deep down is told by its beginning and its end", () => {
  const told = placeInWords(`body:/first${"/*".repeat(100_000)}/last`);
  assert.match(told, /^\/first\/\*[/*]+…[/*]+\/last$/);
  assert.equal(told.length, 400);
  const reasons = [`GET /a: changed-value at body:${"/0".repeat(100_000)}, 1 of 1`];
  assert.match(verdictSentence(runSummary({ reasons })).why, /^GET \/a: changed-value at body:[/0]+…[/0]+, 1 of 1$/);
});

test("the side on which nothing was is missing, whatever stands there", () => {
  const example = { exchangeId: 1, step: 0, expected: "5", actual: "(none)" };
  assert.equal(sideInWords("missing-field", "actual", example), "missing");
  assert.equal(sideInWords("missing-field", "expected", example), "5");
  assert.equal(sideInWords("added-call", "expected", example), "missing");
});

test("measured and unproven noise are noise, nothing else is", () => {
  const attributions = ["noise", "unproven-noise", "version", "fault", "interaction", "unattributed"] as const;
  assert.deepEqual(
    attributions.map((attribution) => isNoise({ attribution })),
    [true, true, false, false, false, false],
  );
});

test("the verdict always says why", () => {
  assert.deepEqual(verdictSentence(runSummary({ verdict: "inconclusive", reasons: ["no answers.", "not live"] })), {
    word: "Inconclusive",
    why: "no answers; not live",
  });
  for (const verdict of ["passed", "diverged", "inconclusive"] as const) {
    assert.ok(verdictSentence(runSummary({ verdict, reasons: [] })).why.length > 10);
  }
});
