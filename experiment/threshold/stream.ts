import type { ObservedStep } from "../../replayer/index.js";
import { type Comparison, compares, foremost } from "../file/comparison.js";
import type { StreamMeasure } from "../file/schema.js";
import { addLatency, type LatencyCounts, percentileOf } from "./latencies.js";
import type { Reading } from "./reading.js";
import { Window } from "./window.js";

/** What is measured of our own stream of answers. */
export interface StreamRule {
  measure: StreamMeasure;
  windowMs: number;
  comparison: Comparison;
  /** Lanes that are looked at, each by itself. */
  lanes: readonly string[];
}

type Outcome = ObservedStep["outcomes"][number];

interface Part {
  answers: number;
  failed: number;
  differing: number;
  latencies: LatencyCounts;
}

/** Of fewer answers than this a share or a percentile says nothing. */
const leastAnswers = 10;

/** Measures one thing of our own stream in a sliding window, for each lane by itself. */
export class StreamMeter {
  readonly #rule: StreamRule;
  readonly #lanes = new Map<string, { window: Window<Part>; sinceMs: number }>();

  constructor(rule: StreamRule) {
    this.#rule = rule;
  }

  /** From now on these lanes are sent to, and no others. */
  begin(lanes: readonly string[], atMs: number): void {
    this.#lanes.clear();
    for (const lane of lanes.filter((name) => this.#rule.lanes.includes(name))) {
      this.#lanes.set(lane, { window: new Window(this.#rule.windowMs, emptyPart), sinceMs: atMs });
    }
  }

  /** Takes a Step in. */
  add({ outcomes, differs }: ObservedStep, atMs: number): void {
    for (const outcome of outcomes) {
      const lane = this.#lanes.get(outcome.lane);
      if (lane === undefined) continue;
      const part = lane.window.at(atMs);
      part.answers++;
      if (hasFailed(outcome)) part.failed++;
      if (differs) part.differing++;
      if (outcome.isResponse && this.#rule.measure.startsWith("p")) addLatency(part.latencies, outcome.tookMs);
    }
  }

  read(atMs: number): Reading {
    const { comparison } = this.#rule;
    const values = [...this.#lanes].flatMap(([of, { window, sinceMs }]) => {
      const value = this.#valueOf(window.within(atMs), atMs - sinceMs);
      return value === undefined ? [] : [{ of, value }];
    });
    const worst = foremost(values, comparison);
    if (worst === undefined) return { kind: "early", why: "too few answers in its window" };
    return { kind: "value", ...worst, trips: compares(worst.value, comparison) };
  }

  #valueOf(parts: readonly Part[], sinceMs: number): number | undefined {
    const { measure, windowMs } = this.#rule;
    const sum = (count: (part: Part) => number) => parts.reduce((total, part) => total + count(part), 0);
    const answers = sum((part) => part.answers);
    switch (measure) {
      case "failed":
        return sum((part) => part.failed);
      case "differing":
        return sum((part) => part.differing);
      case "errors":
        return answers < leastAnswers ? undefined : sum((part) => part.failed) / answers;
      case "throughput":
        return sinceMs < windowMs ? undefined : answers / (windowMs / 1000);
      case "p50":
      case "p90":
      case "p99":
        return answers < leastAnswers
          ? undefined
          : percentileOf(
              parts.map(({ latencies }) => latencies),
              Number(measure.slice(1)) / 100,
            );
    }
  }
}

/** No answer, or one that says that the server failed. */
export function hasFailed({ isResponse, answered }: Pick<Outcome, "isResponse" | "answered">): boolean {
  return !isResponse || answered.startsWith("5");
}

function emptyPart(): Part {
  return { answers: 0, failed: 0, differing: 0, latencies: new Map() };
}
