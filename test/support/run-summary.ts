import type { BlockedSteps, Divergence, LaneSummary, LatencySummary, RunSummary } from "../../tape/index.js";

/** A latency distribution of given samples, in milliseconds, with a bucket for each different sample. */
export function latencyOf(samplesMs: readonly number[]): LatencySummary {
  const sorted = [...samplesMs].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const counts = new Map<number, number>();
  for (const sample of sorted) counts.set(sample, (counts.get(sample) ?? 0) + 1);
  return {
    count: sorted.length,
    min: sorted[0] ?? 0,
    mean: sorted.reduce((sum, sample) => sum + sample, 0) / Math.max(1, sorted.length),
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
    max: sorted.at(-1) ?? 0,
    buckets: [...counts].map(([upToMs, count]) => ({ upToMs, count })),
  };
}

/** A long-tailed distribution around `typicalMs`, the same on every machine. */
export function typicalLatency(count: number, typicalMs: number): LatencySummary {
  const samples = Array.from({ length: count }, (_, at) => {
    const share = (at + 0.5) / count;
    const bend = Math.log(share / (1 - share));
    return Number((typicalMs * Math.exp(bend * 0.28) + (at % 41 === 0 ? typicalMs * 3 : 0)).toFixed(2));
  });
  return latencyOf(samples);
}

export function divergence(changes: Partial<Divergence> = {}): Divergence {
  return {
    number: 1,
    hop: "reviews",
    route: "GET /reviews/{id}",
    place: "body:/stars",
    kind: "missing-field",
    severity: "high",
    attribution: "version",
    evidence: "the baseline agreed with the recording in 142 of 142 Steps",
    count: 142,
    of: 142,
    sinceExchange: 17,
    examples: [{ exchangeId: 17, step: 3, expected: "5", actual: "" }],
    surfaced: [],
    ...changes,
  };
}

export function lane(changes: Partial<LaneSummary> = {}): LaneSummary {
  const latency = latencyOf([1, 2, 2, 3, 10]);
  return {
    name: "candidate",
    role: "candidate",
    target: "http://127.0.0.1:8081",
    sent: 5,
    answered: 5,
    statuses: { "200": 5 },
    fromSent: latency,
    fromDue: latency,
    ...changes,
  };
}

export function blockedSteps(changes: Partial<BlockedSteps> = {}): BlockedSteps {
  return {
    ...{ lane: "candidate", hop: "orders", route: "GET /orders/{id}/lines", count: 12, sinceExchange: 31 },
    ...{ producerExchange: 27, producerRoute: "POST /orders" },
    ...changes,
  };
}

/** A small run that passed. A test names only what differs. */
export function runSummary(changes: Partial<RunSummary> = {}): RunSummary {
  return {
    format: 1,
    run: "r-7f3a9c",
    tapeloop: "0.1.0",
    startedAt: "2025-03-04T10:15:00.000Z",
    durationMs: 1240,
    tape: { paths: ["shop.db"], exchanges: 6, dropped: 0, truncated: 1, gaps: 0 },
    settings: { order: "recorded", pace: "asap", selection: "all calls", baseline: false },
    reference: "recorded",
    verdict: "passed",
    reasons: [],
    steps: 5,
    sent: 5,
    answered: 5,
    compared: 5,
    live: 1,
    minLive: 0.9,
    notSent: { truncated: 1 },
    order: { order: "recorded", required: 7, violated: 0, startInversions: 0 },
    latenessMs: { p50: 0.1, p99: 0.4, max: 0.4 },
    lanes: [lane()],
    recordedLatency: latencyOf([1, 1, 2, 2, 8]),
    recordedStatuses: { "200": 5 },
    routes: [{ hop: "reviews", route: "GET /reviews/{id}", compared: 5 }],
    divergences: [],
    timeline: [{ fromMs: 0, toMs: 1240, sent: 5, failed: 0, divergent: 0 }],
    warnings: [],
    ...changes,
  };
}
