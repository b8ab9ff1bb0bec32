import fc from "fast-check";
import type { ClockBounds, StepNeeds } from "../../replayer/order/index.js";
import { keyKinds } from "../../replayer/order/keys.js";
import type { TiedStep } from "./play-needs.js";
import { stepAt } from "./replay-values.js";

/** Two clocks that may be 7 ms apart. */
export const twoClocks: ClockBounds = { lagNs: (from, to) => (from === to ? 0 : 7e6), mostNs: 7e6 };

const key = (kind: (typeof keyKinds)[number], number: number) =>
  number * keyKinds.length + keyKinds.indexOf(kind) + keyKinds.length;

const anyNeeds = fc
  .record({
    connection: fc.option(fc.nat(4), { nil: undefined }),
    sessions: fc.uniqueArray(fc.nat(3), { maxLength: 2 }),
    resource: fc.option(fc.nat(3), { nil: undefined }),
    writes: fc.boolean(),
    producers: fc.array(fc.nat(50), { maxLength: 2 }),
  })
  .map(({ connection, sessions, resource, writes, producers }): StepNeeds => {
    const exclusive = sessions.map((session) => key("session", session));
    if (connection !== undefined) exclusive.push(key("connection", connection));
    return {
      keys: { exclusive, resource: resource === undefined ? 0 : key("resource", resource), writes },
      producers,
      bytes: 10,
    };
  });

const anyCall = fc.record({
  startMs: fc.nat(200),
  lengthMs: fc.option(fc.nat(60), { nil: undefined }),
  isOpen: fc.boolean(),
  clock: fc.nat(1),
  needs: anyNeeds,
});

/** Tapes of up to sixty calls of two recorders, with and without ends, tied in all ways. A value is produced before it is needed. */
export const anyTiedSteps: fc.Arbitrary<TiedStep[]> = fc.array(anyCall, { maxLength: 60 }).map((calls) =>
  calls
    .toSorted((a, b) => a.startMs - b.startMs)
    .map(({ startMs, lengthMs, isOpen, clock, needs }, at) => ({
      step: stepAt(at, startMs, lengthMs === undefined ? undefined : startMs + lengthMs, {
        clock,
        open: lengthMs === undefined && isOpen,
      }),
      needs: { ...needs, producers: [...new Set(needs.producers.filter((producer) => producer < at))] },
    })),
);

/** How long the answer of each takes, failures and timeouts included. */
export const anyDelaysMs = fc.array(fc.oneof(fc.nat(80), fc.constant(0), fc.constant(5_000)), {
  minLength: 60,
  maxLength: 60,
});
