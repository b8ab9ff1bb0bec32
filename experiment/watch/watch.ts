import type { Clock, MonotonicMs } from "../../base/index.js";
import type { ObservedStep } from "../../replayer/index.js";
import { askPrometheus } from "../prometheus/query.js";
import { readingOf } from "../prometheus/read.js";
import type { Reading, Standing } from "../threshold/reading.js";
import type { Watched } from "./watched.js";
import { askWebhook, type WebhookState } from "./webhook.js";

/** What watching stands on. */
export interface Watching {
  clock: Clock;
  thresholds: readonly Watched[];
  /** Base URL; there where a threshold asks it. */
  prometheus: string | undefined;
  /** How often Prometheus and webhooks are asked. */
  everyMs: number;
  /** What webhooks are told. */
  stateNow: () => WebhookState;
  /** What moments of the history are counted from. */
  originMs: MonotonicMs;
  /** A threshold has tripped, or gives no reading: told once for each. */
  onStanding: (threshold: Watched, standing: Standing) => void;
}

/** Our own stream is looked at so often, beside each answer that failed. */
const lookMs = 200;

/** Watches thresholds while a replay runs. */
export class Watch {
  readonly #watching: Watching;
  readonly #told = new Set<Watched>();

  constructor(watching: Watching) {
    this.#watching = watching;
  }

  /** From now on these lanes are sent to: what was measured of lanes before is over. */
  begin(lanes: readonly string[]): void {
    for (const { meter } of this.#watching.thresholds) meter?.begin(lanes, this.#watching.clock.now());
  }

  /** Takes in a Step that is final. What failed or differs is held against the thresholds at once. */
  step(step: ObservedStep): void {
    const now = this.#watching.clock.now();
    for (const threshold of this.#watching.thresholds) threshold.meter?.add(step, now);
    if (step.differs || step.outcomes.some(({ answered }) => !/^[1-4]/.test(answered))) this.#look();
  }

  /** Asks whoever is to be asked before anything is changed, once. What they say is kept, and trips nothing yet. */
  async askBefore(signal: AbortSignal): Promise<{ threshold: Watched; reading: Reading }[]> {
    const asked = this.#watching.thresholds.filter(({ source, spec }) => isPolled(source) && spec.before !== false);
    return Promise.all(
      asked.map(async (threshold) => {
        const reading = await this.#ask(threshold, signal);
        threshold.tracker.see(this.#nowMs(), reading);
        return { threshold, reading };
      }),
    );
  }

  /** Asks everybody a last time, when the replay is over. */
  async askLast(signal: AbortSignal): Promise<void> {
    const polled = this.#watching.thresholds.filter(({ source }) => isPolled(source));
    await Promise.all(polled.map((threshold) => this.#poll(threshold, signal)));
    if (!signal.aborted) this.#look();
  }

  /** Watches until the signal is raised. */
  async until(signal: AbortSignal): Promise<void> {
    const { thresholds, everyMs } = this.#watching;
    const polled = thresholds.filter(({ source }) => isPolled(source));
    const loops = polled.map((threshold) => this.#each(everyMs, signal, () => this.#poll(threshold, signal)));
    const looking = this.#each(lookMs, signal, async () => this.#look());
    await Promise.all([...loops, looking]);
  }

  async #each(everyMs: number, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
    const { clock } = this.#watching;
    for (let dueMs = clock.now(); !signal.aborted; dueMs = Math.max(dueMs + everyMs, clock.now())) {
      await clock.sleepUntil(dueMs, signal);
      if (!signal.aborted) await act();
    }
  }

  async #poll(threshold: Watched, signal: AbortSignal): Promise<void> {
    const reading = await this.#ask(threshold, signal);
    if (!signal.aborted) this.#take(threshold, reading);
  }

  async #ask({ spec, comparison }: Watched, signal: AbortSignal): Promise<Reading> {
    const { prometheus, stateNow } = this.#watching;
    if (spec.webhook !== undefined) return askWebhook(spec.webhook, stateNow(), signal);
    return readingOf(await askPrometheus(prometheus!, spec.prometheus!, signal), comparison!);
  }

  #look(): void {
    const now = this.#watching.clock.now();
    for (const threshold of this.#watching.thresholds) {
      if (threshold.meter !== undefined && !this.#told.has(threshold)) this.#take(threshold, threshold.meter.read(now));
    }
  }

  #take(threshold: Watched, reading: Reading): void {
    const standing = threshold.tracker.take(this.#nowMs(), reading);
    if (standing.kind !== "tripped" && standing.kind !== "unknown") return;
    if (this.#told.has(threshold)) return;
    this.#told.add(threshold);
    this.#watching.onStanding(threshold, standing);
  }

  #nowMs(): number {
    return this.#watching.clock.now() - this.#watching.originMs;
  }
}

function isPolled(source: Watched["source"]): boolean {
  return source === "prometheus" || source === "webhook";
}
