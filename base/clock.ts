import { performance } from "node:perf_hooks";

/** A point on a monotonic clock of this process, in milliseconds with fractions, as `performance.now()` gives it. */
export type MonotonicMs = number;

/**
 * One monotonic clock, anchored once to the wall clock. Steps of the wall clock after the anchoring do not move it,
 * so two times of one recorder are never out of order.
 */
export interface Clock {
  /** Milliseconds, monotonic, from an arbitrary zero. Cheap: made for the traffic path. */
  now(): MonotonicMs;
  /** What the wall clock read at monotonic zero, in nanoseconds since the epoch. */
  readonly epochNsAtZero: bigint;
  /** Resolves at the given monotonic time or when aborted, whichever comes first. Never rejects. */
  sleepUntil(at: MonotonicMs, signal?: AbortSignal): Promise<void>;
}

/** The clock of this process. */
export function systemClock(): Clock {
  const epochNsAtZero = BigInt(Date.now()) * 1_000_000n - BigInt(Math.round(performance.now() * 1e6));
  return { now: () => performance.now(), epochNsAtZero, sleepUntil };
}

/** A monotonic time as nanoseconds since the epoch. */
export function toEpochNs(clock: Pick<Clock, "epochNsAtZero">, at: MonotonicMs): bigint {
  return clock.epochNsAtZero + BigInt(Math.round(at * 1e6));
}

function sleepUntil(at: MonotonicMs, signal?: AbortSignal): Promise<void> {
  const leftMs = at - performance.now();
  if (leftMs <= 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    // setTimeout may fire up to 1 ms early; a second look makes "not before" exact.
    const timer = setTimeout(() => (performance.now() < at ? void sleepUntil(at, signal).then(done) : done()), leftMs);
    signal?.addEventListener("abort", done, { once: true });
  });
}
