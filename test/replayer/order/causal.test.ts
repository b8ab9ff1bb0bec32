import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { certifyOrder } from "../../../replayer/certificate.js";
import { causal } from "../../../replayer/order/causal.js";
import type { ClockBounds, Order, StepNeeds } from "../../../replayer/order/index.js";
import { anyDelaysMs, anyTiedSteps, twoClocks } from "../../support/arbitrary-steps.js";
import { keptOf, passing } from "../../support/kept-by-old.js";
import { type PlayedSteps, playNeeds, type TiedStep } from "../../support/play-needs.js";
import { stepAt } from "../../support/replay-values.js";

const options = { concurrency: 4, clocks: twoClocks };
const certificateOf = ({ table, keys }: PlayedSteps) => certifyOrder("causal", table, { keys, clocks: twoClocks });

test("whatever the delays of the answers, no edge of the full relation is violated", async () => {
  await fc.assert(
    fc.asyncProperty(anyTiedSteps, anyDelaysMs, fc.boolean(), async (steps, delaysMs, isPaced) => {
      const played = await playNeeds(causal.start({ ...options, isPaced }), steps, delaysMs);
      assert.equal(played.went.length, steps.length);
      assert.equal(certificateOf(played).violated, 0);
    }),
    { numRuns: 500 },
  );
});

test("no call waits for longer than the full relation asks for, where there is room", async () => {
  await fc.assert(
    fc.asyncProperty(anyTiedSteps, anyDelaysMs, async (steps, delaysMs) => {
      const { table } = await playNeeds(causal.start({ ...options, isPaced: true }), steps, delaysMs);
      for (const b of steps) {
        const before = steps.flatMap((a) => {
          const edge = edgeOf(a, b, twoClocks);
          if (edge.value || (edge.keys > 0 && hasEnd(a))) return table.answeredMs(a.step.step);
          return edge.keys > 0 ? table.sentMs(a.step.step) : [];
        });
        assert.equal(table.sentMs(b.step.step), Math.max(0, ...before));
      }
    }),
    { numRuns: 300 },
  );
});

test("the certificate counts what the definition counts, pair by pair and key by key, violated ones too", async () => {
  await fc.assert(
    fc.asyncProperty(anyTiedSteps, anyDelaysMs, async (steps, delaysMs) => {
      const played = await playNeeds(unordered(), steps, delaysMs);
      const { required, violated } = certificateOf(played);
      assert.deepEqual({ required, violated }, byDefinition(steps, played, twoClocks));
    }),
    { numRuns: 500 },
  );
});

test("calls that have nothing to do with each other overtake a slow one, and those of its session wait", async () => {
  const steps = [tied(0, [0, 10], [1]), tied(1, [20, 30], [2]), tied(2, [40, 50], [1])];
  const { went } = await playNeeds(causal.start({ concurrency: 4 }), steps, [1_000, 5, 5]);
  assert.deepEqual(
    went.map(({ step, sentMs }) => [step, sentMs]),
    [
      [0, 0],
      [1, 0],
      [2, 1_000],
    ],
  );
});

test("reads of one resource go side by side, and a write waits for them and holds the next one back", async () => {
  const [read, write] = [5, 5].map((resource, at) => ({ exclusive: [], resource: resource * 3 + 2, writes: at === 1 }));
  const steps = [read, read, write, read].map((keys, at) => ({
    step: stepAt(at, at * 20, at * 20 + 10),
    needs: { keys: keys!, producers: [], bytes: 0 },
  }));
  const { went } = await playNeeds(causal.start({ concurrency: 4 }), steps, [10, 30, 5, 5]);
  assert.deepEqual(
    went.map(({ sentMs }) => sentMs),
    [0, 0, 30, 35],
  );
});

test("moments of two recorders within the bound of their clocks are unordered", async () => {
  const [a, b, c] = [tied(0, [0, 10], [1]), tied(1, [15, 20], [1], 1), tied(2, [20, 30], [1], 1)];
  const { went } = await playNeeds(causal.start(options), [a, b, c], [100, 1, 1]);
  assert.deepEqual(
    went.map(({ step, sentMs }) => [step, sentMs]),
    [
      [0, 0],
      [1, 0],
      [2, 100],
    ],
  );
});

test("without due times no more are in flight than allowed, or than overlapped on the tape", async () => {
  const apart = Array.from({ length: 40 }, (_, at) => tied(at, [at * 10, at * 10 + 5], [at]));
  const delaysMs = apart.map((_, at) => 50 + (at % 7));
  assert.equal((await playNeeds(causal.start({ concurrency: 4 }), apart, delaysMs)).mostInFlight, 4);
  const together = Array.from({ length: 40 }, (_, at) => tied(at, [at, 500], [at]));
  assert.equal((await playNeeds(causal.start({ concurrency: 4 }), together, delaysMs)).mostInFlight, 40);
  const paced = await playNeeds(causal.start({ concurrency: 4, isPaced: true }), apart, delaysMs);
  assert.equal(paced.mostInFlight, 40);
});

test("a session of ten thousand calls costs one edge each: the walk is held, and memory with it", async () => {
  const chain = Array.from({ length: 10_000 }, (_, at) => tied(at, [at * 10, at * 10 + 5], [1]));
  const { went, keys, table } = await playNeeds(
    causal.start({ concurrency: 4 }),
    chain,
    chain.map(() => 1),
  );
  assert.equal(went.at(-1)!.sentMs, 9_999);
  assert.equal(certifyOrder("causal", table, { keys }).required, (10_000 * 9_999) / 2);
});

test("a scheduler that drops an edge, swaps two calls or sends one early is caught by the certificate", async () => {
  const mutants: Record<string, (order: Order) => Order> = {
    "drops the edges of one call in three": (order) => ({
      ...own(order),
      take: (step, go, needs) => order.take(step, go, step.step % 3 === 2 ? noNeeds : needs),
    }),
    "sends a call before what it waits for is final": (order) => ({
      ...own(order),
      take: (step, go, needs) => {
        let isGone = false;
        const once = () => {
          if (!isGone) go();
          isGone = true;
        };
        const held = order.take(step, once, needs);
        if (step.step % 3 === 2) once();
        return held;
      },
    }),
    "sends each two calls the other way round": (order) => swapped(order),
  };
  // One session, one after the other: every mutant has something to break.
  const steps = Array.from({ length: 12 }, (_, at) => tied(at, [at * 10, at * 10 + 5], [1]));
  const delaysMs = steps.map(() => 20);
  assert.equal(certificateOf(await playNeeds(causal.start(options), steps, delaysMs)).violated, 0);
  for (const [does, mutate] of Object.entries(mutants)) {
    const played = await playNeeds(mutate(causal.start({ ...options, isPaced: true })), steps, delaysMs);
    assert.ok(certificateOf(played).violated > 0, `not caught: ${does}`);
  }
});

const noNeeds: StepNeeds = { keys: { exclusive: [], resource: 0, writes: false }, producers: [], bytes: 0 };

function own(order: Order): Pick<Order, "final" | "letGo"> {
  return { final: (step) => order.final(step), letGo: () => order.letGo() };
}

/** Offers the second of each two under the first one's needs, so that it goes first. */
function swapped(order: Order): Order {
  let first: Parameters<Order["take"]> | undefined;
  return {
    ...own(order),
    take(step, go, needs) {
      if (first === undefined) {
        first = [step, go, needs];
        return undefined;
      }
      const [before, goBefore, needsBefore] = first;
      first = undefined;
      order.take(before, () => order.final(before), needsBefore);
      order.take(step, go, needs);
      // The first one goes when it can, after the second went.
      return order.take({ ...before, step: before.step + 1_000 }, goBefore, needsBefore);
    },
    final: (step) => {
      order.final(step);
      order.final({ ...step, step: step.step + 1_000 });
    },
  };
}

/** Sends each call as it is offered. */
function unordered(): Order {
  return { take: (_step, go) => void go(), final: () => {}, letGo: () => {} };
}

function tied(at: number, [startMs, endMs]: readonly [number, number], sessions: number[], clock = 0): TiedStep {
  const exclusive = sessions.map((session) => (session + 1) * 3 + 1);
  return {
    step: stepAt(at, startMs, endMs, { clock }),
    needs: { keys: { exclusive, resource: 0, writes: false }, producers: [], bytes: 0 },
  };
}

function hasEnd({ step }: TiedStep): boolean {
  return step.endedNs !== undefined;
}

/** O(n²), straight from the words: for how many of the keys they share A comes before B, and whether B needs a value of A's. */
function edgeOf(a: TiedStep, b: TiedStep, clocks: ClockBounds): { keys: number; value: boolean } {
  const value = b.needs.producers.includes(a.step.step);
  const lastNs = (a.step.endedNs ?? a.step.startedNs) + clocks.lagNs(a.step.clock!, b.step.clock!);
  if (lastNs >= b.step.startedNs) return { keys: 0, value };
  const [one, other] = [a.needs.keys, b.needs.keys];
  const shared = one.exclusive.filter((key) => other.exclusive.includes(key)).length;
  const isWritten = one.resource !== 0 && one.resource === other.resource && (one.writes || other.writes);
  return { keys: shared + (isWritten ? 1 : 0), value };
}

function byDefinition(steps: readonly TiedStep[], { table }: PlayedSteps, clocks: ClockBounds) {
  let [required, violated] = [0, 0];
  for (const a of steps) {
    for (const b of steps) {
      const { keys, value } = edgeOf(a, b, clocks);
      const sentMs = table.sentMs(b.step.step);
      const answeredMs = table.answeredMs(a.step.step);
      required += keys + (value ? 1 : 0);
      if (value && answeredMs > sentMs) violated++;
      if ((hasEnd(a) ? answeredMs : table.sentMs(a.step.step)) > sentMs) violated += keys;
    }
  }
  return { required, violated };
}

test("Steps that are final are not kept in memory by those that waited for them", () => {
  const order = causal.start({ concurrency: 4 });
  const kept = keptOf(2_500, (at) => {
    const { step, needs } = tied(at, [at * 20, at * 20 + 30], [1 + (at % 2)]);
    const weight = passing();
    order.take(step, () => assert.ok(weight), needs);
    if (at > 2) order.final(stepAt(at - 3, 0));
  });
  assert.ok(kept < 250, `${kept} of 2,500`);
});

test("when as many are in flight as may be, or nearly, only a few more are taken to wait for them", async () => {
  const startWith = (concurrency: number) => {
    const order = causal.start({ concurrency });
    const went: number[] = [];
    const take = (at: number, session: number) => {
      const { step, needs } = tied(at, [at * 20, at * 20 + 10], [session]);
      return order.take(step, () => went.push(at), needs);
    };
    return { order, went, take };
  };
  const full = startWith(2);
  assert.deepEqual([full.take(0, 1), full.take(1, 2)], [undefined, undefined]);
  for (let at = 2; at < 4; at++) assert.equal(full.take(at, 1), undefined);
  const held = full.take(4, 1);
  assert.ok(held instanceof Promise);
  for (let final = 0; final < 4; final++) full.order.final(stepAt(final, 0));
  await held;
  assert.deepEqual(full.went, [0, 1, 2, 3, 4]);

  const nearly = startWith(10);
  for (let at = 0; at < 9; at++) assert.equal(nearly.take(at, at), undefined);
  for (let at = 9; at < 29; at++) assert.equal(nearly.take(at, 0), undefined);
  const late = nearly.take(29, 0);
  assert.ok(late instanceof Promise);
  nearly.order.final(stepAt(8, 0));
  await late;
  for (let at = 30; at < 200; at++) assert.equal(nearly.take(at, 0), undefined, "there is room, and others may use it");
});

test("one that waits does not hide calls behind it that overlap what is in flight: they may be what that waits for", () => {
  const order = causal.start({ concurrency: 2 });
  const went: number[] = [];
  const take = (at: number, [startMs, endMs]: readonly [number, number], session: number) => {
    const { step, needs } = tied(at, [startMs, endMs], [session]);
    return order.take(step, () => went.push(at), needs);
  };
  // The first is slower than it was; many are polled for what the last brings.
  take(0, [0, 10], 1);
  for (let poll = 1; poll <= 40; poll++) take(poll, [5, 100], 1 + poll);
  assert.equal(take(41, [20, 30], 1), undefined);
  take(42, [25, 35], 90);
  take(43, [26, 36], 91);
  assert.deepEqual(went.slice(-2), [42, 43]);
});
