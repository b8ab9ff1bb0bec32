import {
  type Answer,
  type Divergence,
  type Outcome,
  type RunReader,
  type RunSummary,
  recordedLane,
  type StepRecord,
} from "../../tape/index.js";
import { divergence, lane, runSummary, typicalLatency } from "./run-summary.js";

/** A run kept in memory: what a test gives it is what the report reads. */
export function memoryRun(steps: readonly StepRecord[], outcomes: readonly Outcome[]): RunReader {
  const byKey = new Map(outcomes.map((outcome) => [`${outcome.step} ${outcome.lane}`, outcome]));
  return {
    summary: () => undefined,
    steps: () => steps,
    step: (step) => steps.find((record) => record.step === step),
    outcome: (step, laneName) => byKey.get(`${step} ${laneName}`),
    request: () => undefined,
    differencesOf: () => [],
    differences: () => [],
    pairedHops: () => undefined,
    close: () => {},
  };
}

export function stepRecord(changes: Partial<StepRecord> = {}): StepRecord {
  return {
    step: 3,
    exchangeId: 17,
    callee: "reviews",
    route: "GET /reviews/{id}",
    method: "GET",
    path: "/reviews/0",
    protocol: "http/1.1",
    recordedAtMs: 12,
    ...changes,
  };
}

/** A response of JSON, or of any text. */
export function response(body: unknown, status = 200, headers: readonly [string, string][] = []): Answer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return {
    kind: "response",
    status,
    end: "complete",
    headers: [["content-type", "application/json"], ...headers],
    body: { kind: "whole", bytes: new TextEncoder().encode(text), hash: "00".repeat(16) },
    trailers: [],
  };
}

export function outcome(step: number, laneName: string, answer: Answer, tookMs = 12): Outcome {
  return { step, lane: laneName, answer, dueMs: step, sentMs: step, answeredMs: step + tookMs };
}

const review = (reviewer: string, text: string, rating?: unknown) => ({
  reviewer,
  text,
  ...(rating ? { rating } : {}),
});

function reviews(podname: string, stars: boolean): unknown {
  const rating = (count: number) => (stars ? { stars: count, color: "black" } : { color: "red" });
  return {
    id: "0",
    podname,
    clustername: "null",
    reviews: [
      review(
        "Reviewer1",
        "An extremely entertaining play by Shakespeare. The slapstick humour is refreshing!",
        rating(5),
      ),
      review(
        "Reviewer2",
        "Absolutely fun and entertaining. The play lacks thematic depth when compared to other plays by Shakespeare.",
        rating(4),
      ),
    ],
  };
}

const groups: Divergence[] = [
  divergence({
    place: "body:/reviews/*/rating/stars",
    evidence: "the baseline gave what the recording has in 142 of 142 Steps; the candidate never did",
    examples: [17, 21, 40].map((exchangeId, at) => ({
      exchangeId,
      step: at,
      expected: at === 1 ? "4" : "5",
      actual: "",
    })),
    surfaced: [
      {
        hop: "productpage",
        route: "GET /api/v1/products/{id}/reviews",
        place: "body:/reviews/*/rating/stars",
        kind: "missing-field",
        count: 142,
      },
    ],
  }),
  divergence({
    number: 2,
    hop: "ratings",
    route: "GET /ratings/{id}",
    place: "status",
    kind: "status",
    attribution: "interaction",
    evidence: "without the fault both versions answer 200; under abort ratings 10% only the candidate answers 500",
    count: 14,
    of: 142,
    sinceExchange: 58,
    examples: [{ exchangeId: 58, step: 3, expected: "200", actual: "500" }],
    surfaced: [
      { hop: "reviews", route: "GET /reviews/{id}", place: "status", kind: "status", count: 14 },
      { hop: "productpage", route: "GET /productpage", place: "body", kind: "changed-text", count: 14 },
    ],
  }),
  divergence({
    number: 3,
    hop: "details",
    route: "GET /details/{id}",
    place: "header:cache-control",
    kind: "changed-header",
    sinceExchange: 18,
    severity: "medium",
    evidence: "the baseline gave what the recording has in 142 of 142 Steps",
    examples: [{ exchangeId: 18, step: 4, expected: "max-age=60", actual: "no-store" }],
  }),
  divergence({
    number: 4,
    place: "body:/podname",
    kind: "changed-value",
    severity: "medium",
    attribution: "noise",
    evidence: "two answers of the baseline to the same Step differ here in 61 of 142 Steps",
    count: 142,
    examples: [{ exchangeId: 17, step: 0, expected: '"reviews-v2-7bf98"', actual: '"reviews-v4-58c7d"' }],
  }),
];

const callees = ["reviews", "reviews", "reviews", "ratings", "details"];
const routes = [
  "GET /reviews/{id}",
  "GET /reviews/{id}",
  "GET /reviews/{id}",
  "GET /ratings/{id}",
  "GET /details/{id}",
];
const details = {
  id: 0,
  author: "William Shakespeare",
  year: 1595,
  type: "paperback",
  pages: 200,
  publisher: "PublisherA",
  language: "English",
  "ISBN-10": "1234567890",
};

/** A diverged run of four services against a baseline, with the answers of its examples: what a person would look at. */
export function bookinfoRun(): { summary: RunSummary; run: RunReader; steps: StepRecord[]; outcomes: Outcome[] } {
  const steps = callees.map((callee, step) =>
    stepRecord({
      step,
      callee,
      exchangeId: [17, 21, 40, 58, 18][step]!,
      route: routes[step]!,
      path: routes[step]!.slice(4).replace("{id}", "0"),
    }),
  );
  const both = (step: number, old: Answer, next: Answer) => [
    outcome(step, "baseline", old, 11.4),
    outcome(step, "candidate", next, 18.92),
  ];
  const outcomes = [
    ...[0, 1, 2].flatMap((step) =>
      both(step, response(reviews("reviews-v2-7bf98", true)), response(reviews("reviews-v4-58c7d", false))),
    ),
    ...both(
      3,
      response({ id: 0, ratings: { Reviewer1: 5, Reviewer2: 4 } }),
      response({ error: "Ratings service is currently unavailable" }, 500),
    ),
    ...both(
      4,
      response(details, 200, [["cache-control", "max-age=60"]]),
      response(details, 200, [["cache-control", "no-store"]]),
    ),
    ...steps.map(({ step }) => outcome(step, recordedLane, { kind: "unknown" })),
  ];
  return { summary: bookinfoSummary(), run: memoryRun(steps, outcomes), steps, outcomes };
}

function bookinfoSummary(): RunSummary {
  return runSummary({
    verdict: "diverged",
    reasons: ["2 divergences are due to the version and 1 to the version under a fault", "in 3 of 6 routes"],
    tape: { paths: ["tapes/bookinfo/"], exchanges: 1896, dropped: 0, truncated: 3, gaps: 0 },
    settings: { order: "recorded", pace: "recorded", selection: "--entry", baseline: true },
    reference: "baseline",
    durationMs: 48_220,
    steps: 1882,
    sent: 1874,
    answered: 1871,
    compared: 1871,
    live: 0.9984,
    notSent: { upgrade: 2, truncated: 3, "unsafe-method": 8 },
    order: { order: "recorded", required: 15_214, violated: 0, startInversions: 4 },
    latenessMs: { p50: 0.12, p99: 3.4, max: 18.2 },
    recordedLatency: typicalLatency(1874, 11),
    recordedStatuses: { "200": 1860, "404": 14 },
    lanes: [
      lane({
        name: "candidate",
        target: "http://127.0.0.1:9081",
        sent: 1874,
        answered: 1871,
        statuses: { "200": 1843, "404": 14, "500": 14, reset: 3 },
        fromSent: typicalLatency(1871, 19),
        fromDue: typicalLatency(1871, 19.4),
      }),
      lane({
        name: "baseline",
        role: "baseline",
        target: "http://127.0.0.1:9080",
        sent: 1874,
        answered: 1874,
        statuses: { "200": 1860, "404": 14 },
        fromSent: typicalLatency(1874, 11.6),
        fromDue: typicalLatency(1874, 11.9),
      }),
    ],
    routes: [
      { hop: "productpage", route: "GET /productpage", compared: 470 },
      { hop: "productpage", route: "GET /api/v1/products/{id}/reviews", compared: 142 },
      { hop: "reviews", route: "GET /reviews/{id}", compared: 142 },
      { hop: "ratings", route: "GET /ratings/{id}", compared: 142 },
      { hop: "details", route: "GET /details/{id}", compared: 142 },
      { hop: "productpage", route: "POST /login", compared: 33 },
    ],
    divergences: groups,
    timeline: Array.from({ length: 60 }, (_, at) => ({
      fromMs: (at * 48_220) / 60,
      toMs: ((at + 1) * 48_220) / 60,
      sent: Math.round(31 + 14 * Math.sin(at / 6) + (at % 7)),
      failed: at === 37 ? 3 : 0,
      divergent: at < 8 ? 0 : Math.round(3 + 2 * Math.sin(at)),
    })),
    warnings: ["8 calls may write and were not sent; --allow-writes sends them"],
  });
}
