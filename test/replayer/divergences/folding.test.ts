import assert from "node:assert/strict";
import { test } from "node:test";
import { collectDivergences, type StepComparison } from "../../../replayer/divergences/collect.js";
import type { Difference } from "../../../tape/index.js";

const front = { hop: "front", route: "GET /product/{id}" };
const reviews = { hop: "reviews", route: "GET /reviews/{id}" };
const ratings = { hop: "ratings", route: "GET /ratings/{id}" };
const details = { hop: "details", route: "GET /details/{id}" };

const missing = (place: string, expected = "5"): Difference => ({
  kind: "missing-field",
  place,
  severity: "high",
  expected,
});
const changed = (place: string, expected: string, actual: string): Difference => {
  return { kind: "changed-value", place, severity: "medium", expected, actual };
};
const retyped = (place: string, expectedType: string, actualType: string): Difference => {
  return { kind: "changed-type", place, severity: "high", expected: "[]", actual: "null", expectedType, actualType };
};
const status = (actual: number): Difference => ({
  kind: "status",
  place: "status",
  severity: "high",
  expected: 200,
  actual,
});

type AtHops = (step: number) => readonly (Pick<StepComparison, "hop" | "route"> & Partial<StepComparison>)[];

/** Steps of a chain, each hop below those before it; the control is clean unless it is given. */
function fold(steps: number, at: AtHops) {
  const collector = collectDivergences({ reference: "baseline" });
  for (let step = 0; step < steps; step++) {
    for (const comparison of at(step)) {
      collector.add({ step, exchangeId: step + 1, candidate: [], control: [], ...comparison });
    }
  }
  return collector.finish().map(({ hop, place, kind, count, surfaced, evidence, attribution }) => ({
    where: `${hop} ${place} ${kind} ${count} ${attribution}`,
    surfaced: surfaced.map((up) => `${up.hop} ${up.place} ${up.kind} ${up.count}`),
    evidence,
  }));
}
const withoutEvidence = (found: ReturnType<typeof fold>) => found.map(({ where, surfaced }) => ({ where, surfaced }));

test("a field that goes missing at the end of a chain is one divergence, there, and says where it surfaced", () => {
  const found = fold(142, () => [
    { ...front, candidate: [missing("body:/reviews/rating/stars")] },
    { ...reviews, above: [front], candidate: [missing("body:/rating/stars")] },
    { ...ratings, above: [front, reviews], candidate: [missing("body:/stars")] },
  ]);
  assert.deepEqual(withoutEvidence(found), [
    {
      where: "ratings body:/stars missing-field 142 version",
      surfaced: ["reviews body:/rating/stars missing-field 142", "front body:/reviews/rating/stars missing-field 142"],
    },
  ]);
});

test("the order in which hops are compared does not matter", () => {
  const chain = [
    { ...front, candidate: [missing("body:/reviews/stars")] },
    { ...reviews, above: [front], candidate: [missing("body:/stars")] },
  ];
  assert.deepEqual(withoutEvidence(fold(9, () => chain)), withoutEvidence(fold(9, () => chain.toReversed())));
});

test("an independent divergence at the entry stays, though a hop below differs in the same Steps, and says so", () => {
  const found = fold(50, () => [
    { ...front, candidate: [missing("body:/reviews/stars"), missing("body:/title", '"Errors"')] },
    { ...reviews, above: [front], candidate: [missing("body:/stars")] },
  ]);
  assert.deepEqual(withoutEvidence(found), [
    { where: "front body:/title missing-field 50 version", surfaced: [] },
    { where: "reviews body:/stars missing-field 50 version", surfaced: ["front body:/reviews/stars missing-field 50"] },
  ]);
  assert.match(found[0]!.evidence, /in the same Steps reviews GET \/reviews\/\{id\} differs at body:\/stars/);
});

test("one Step in which nothing below differs keeps the divergence at the entry", () => {
  const found = fold(50, (step) => [
    { ...front, candidate: [missing("body:/reviews/stars")] },
    { ...reviews, above: [front], candidate: step === 7 ? [] : [missing("body:/stars")] },
  ]);
  assert.deepEqual(withoutEvidence(found), [
    { where: "front body:/reviews/stars missing-field 50 version", surfaced: [] },
    { where: "reviews body:/stars missing-field 49 version", surfaced: [] },
  ]);
});

test("an error below explains whatever its caller made of it", () => {
  const found = fold(20, () => [
    {
      ...front,
      candidate: [retyped("body:/reviews", "array", "null")],
    },
    { ...reviews, above: [front], candidate: [status(503)] },
  ]);
  assert.deepEqual(withoutEvidence(found), [
    { where: "reviews status status 20 version", surfaced: ["front body:/reviews changed-type 20"] },
  ]);
});

test("two hops that each explain some Steps share what surfaced, each with its number of Steps", () => {
  const found = fold(20, (step) => [
    { ...front, candidate: [status(502)] },
    { ...reviews, above: [front], candidate: step < 12 ? [status(500)] : [] },
    { ...details, above: [front], candidate: step < 12 ? [] : [status(503)] },
  ]);
  assert.deepEqual(withoutEvidence(found), [
    { where: "reviews status status 12 version", surfaced: ["front status status 12"] },
    { where: "details status status 8 version", surfaced: ["front status status 8"] },
  ]);
});

test("a hop beside the one that differs explains nothing", () => {
  const found = fold(20, () => [
    { ...reviews, above: [front], candidate: [missing("body:/stars")] },
    { ...details, above: [front], candidate: [status(500)] },
  ]);
  assert.deepEqual(found.map(({ where }) => where).sort(), [
    "details status status 20 version",
    "reviews body:/stars missing-field 20 version",
  ]);
});

test("a derived value is explained when it is absent wherever the lower difference is", () => {
  const found = fold(40, (step) => [
    { ...front, candidate: step % 2 ? [changed("body:/total", "10", "12")] : [] },
    { ...reviews, above: [front], candidate: step % 2 ? [changed("body:/price", "4", "5")] : [] },
  ]);
  assert.deepEqual(withoutEvidence(found), [
    { where: "reviews body:/price changed-value 20 version", surfaced: ["front body:/total changed-value 20"] },
  ]);
});

test("a body within a body is explained by what it speaks of, an entity tag by any change below", () => {
  const found = fold(5, () => [
    {
      ...front,
      candidate: [
        changed("body:/answers/0/body", '"{\\"stars\\":5}"', '"{}"'),
        { kind: "changed-header", place: "header:etag", severity: "medium", expected: "1", actual: "2" },
      ],
    },
    { ...reviews, above: [front], candidate: [missing("body:/stars")] },
  ]);
  assert.equal(found.length, 1);
  assert.deepEqual(found[0]!.surfaced, [
    "front body:/answers/*/body changed-value 5",
    "front header:etag changed-header 5",
  ]);
});

test("noise is folded into noise, and never explains a divergence", () => {
  const noisy = (place: string, step: number) => ({
    candidate: [changed(place, `${step}`, `${step + 1}`)],
    control: [changed(place, `${step}`, `${step + 2}`)],
  });
  const found = fold(30, (step) => [
    { ...front, ...noisy("body:/reviews/at", step) },
    { ...reviews, above: [front], ...noisy("body:/at", step) },
  ]);
  assert.deepEqual(withoutEvidence(found), [
    { where: "reviews body:/at changed-value 30 noise", surfaced: ["front body:/reviews/at changed-value 30"] },
  ]);
  const apart = fold(30, (step) => [
    { ...front, candidate: [changed("body:/reviews/at", "1", "2")] },
    { ...reviews, above: [front], ...noisy("body:/at", step) },
  ]);
  assert.deepEqual(
    apart.map(({ where }) => where),
    ["front body:/reviews/at changed-value 30 version", "reviews body:/at changed-value 30 noise"],
  );
});

test("a call that is no longer made is its caller's doing: it explains nothing above it", () => {
  const found = fold(10, () => [
    { ...front, candidate: [missing("body:/reviews")] },
    {
      ...reviews,
      above: [front],
      candidate: [{ kind: "missing-call", place: "hop", severity: "high", expected: "GET /reviews/1" }],
    },
  ]);
  assert.deepEqual(
    found.map(({ where }) => where),
    ["front body:/reviews missing-field 10 version", "reviews hop missing-call 10 version"],
  );
});

test("services that call each other in a circle never explain each other away", () => {
  const found = fold(10, () => [
    { ...reviews, above: [front, ratings], candidate: [status(500)] },
    { ...ratings, above: [front, reviews], candidate: [status(500)] },
    { ...front, candidate: [status(502)] },
  ]);
  assert.deepEqual(found.map(({ where }) => where).sort(), [
    "ratings status status 10 version",
    "reviews status status 10 version",
  ]);
});
