import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { closedUnder, type Producers, withoutCall } from "../../../replayer/shrink/closure.js";
import { type Minimising, minimise, NoMoreReplays } from "../../../replayer/shrink/minimise.js";

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

/** Asks in memory, and counts. */
function asking(shows: (ids: ReadonlySet<number>) => boolean, most = Number.POSITIVE_INFINITY) {
  const asked: (readonly number[])[] = [];
  return {
    asked,
    shows: async (ids: readonly number[]) => {
      if (asked.length >= most) throw new NoMoreReplays();
      asked.push(ids);
      return shows(new Set(ids));
    },
  };
}

function minimising(given: Partial<Minimising> & Pick<Minimising, "shows" | "ids" | "target">): Minimising {
  return { producers: new Map(), guesses: [], ...given };
}

test("of 1,000 calls the two that are the cause are left, within the bound that is documented", async () => {
  for (const cause of [1, 2, 333, 500, 998, 999]) {
    const { asked, shows } = asking((ids) => ids.has(cause) && ids.has(1000));
    const found = await minimise(minimising({ ids: upTo(1000), target: 1000, shows }));
    assert.deepEqual(found, { ids: [cause, 1000], isMinimal: true });
    assert.ok(asked.length <= 2 * 1 * (Math.log2(999) + 1) + 2, `${asked.length} questions for cause ${cause}`);
  }
});

test("whatever the causes are, they alone are left, within 2k(log2(n/k) + 1) + k + 1 questions", async () => {
  const cases = fc.integer({ min: 2, max: 300 }).chain((count) =>
    fc.record({
      count: fc.constant(count),
      causes: fc.uniqueArray(fc.integer({ min: 1, max: count - 1 }), { minLength: 0, maxLength: 6 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ({ count, causes }) => {
      const { asked, shows } = asking((ids) => ids.has(count) && causes.every((cause) => ids.has(cause)));
      const found = await minimise(minimising({ ids: upTo(count), target: count, shows }));
      assert.deepEqual(found, { ids: [...causes.sort((a, b) => a - b), count], isMinimal: true });
      const k = Math.max(causes.length, 1);
      assert.ok(asked.length <= 2 * k * (Math.log2(count / k) + 1) + k + 2, `${asked.length} for ${k} of ${count}`);
    }),
    { numRuns: 200 },
  );
});

test("a consumer is never asked about without its producers, however long the chain is", async () => {
  const links = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(
      links,
      fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
      async (pairs, causes) => {
        const producers = producersOf(pairs);
        const { asked, shows } = asking((ids) => ids.has(40) && causes.every((cause) => ids.has(cause)));
        const found = await minimise(minimising({ ids: upTo(40), target: 40, shows, producers }));
        for (const ids of [...asked, found.ids]) assertClosed(ids, producers);
        assert.ok(causes.every((cause) => found.ids.includes(cause)));
      },
    ),
    { numRuns: 200 },
  );
});

/** The later one of each pair takes a value from the earlier one. */
function producersOf(pairs: readonly (readonly [number, number])[]): Producers {
  const producers = new Map<number, Set<number>>();
  for (const [a, b] of pairs) {
    if (a === b) continue;
    const consumer = Math.max(a, b);
    producers.set(consumer, (producers.get(consumer) ?? new Set()).add(Math.min(a, b)));
  }
  return producers;
}

function assertClosed(ids: readonly number[], producers: Producers): void {
  const sent = new Set(ids);
  for (const id of ids) {
    for (const producer of producers.get(id) ?? []) assert.ok(sent.has(producer), `${id} without ${producer}`);
  }
  assert.deepEqual(
    ids,
    [...ids].sort((a, b) => a - b),
  );
}

test("where more calls hide what fewer show, a set that shows it and cannot lose a call is still found", async () => {
  // Call 7 undoes what call 3 does, unless call 9 comes too.
  const shows = (ids: ReadonlySet<number>) => ids.has(20) && ids.has(3) && (!ids.has(7) || ids.has(9));
  const { shows: ask } = asking(shows);
  const found = await minimise(minimising({ ids: upTo(20), target: 20, shows: ask }));
  assert.deepEqual(found, { ids: [3, 20], isMinimal: true });
});

test("any property that all calls have ends in a set that has it, loses it with each call, and was found in n(n + 5)/2 questions", async () => {
  const count = 9;
  const call = fc.integer({ min: 1, max: count });
  const links = fc.array(fc.tuple(call, call), { maxLength: 6 });
  const tables = fc.uint8Array({ minLength: 512, maxLength: 512 });
  await fc.assert(
    fc.asyncProperty(tables, fc.integer({ min: 2, max: 5 }), links, async (table, rarity, pairs) => {
      const bits = (ids: readonly number[]) => ids.reduce((sum, id) => sum + (1 << (id - 1)), 0);
      const has = (ids: readonly number[]) => ids.length === count || table[bits(ids)]! % rarity === 0;
      const producers = producersOf(pairs);
      const { asked, shows } = asking((ids) => has([...ids]));
      const found = await minimise(minimising({ ids: upTo(count), target: count, shows, producers }));
      assert.ok(has(found.ids), `${found.ids.join()} does not show it`);
      for (const ids of [...asked, found.ids]) assertClosed(ids, producers);
      const needed = closedUnder([count], producers);
      for (const id of found.ids.filter((one) => !needed.includes(one))) {
        const rest = withoutCall(found.ids, id, producers);
        assert.ok(!has(rest), `${found.ids.join()} shows it without ${id}`);
      }
      assert.ok(asked.length <= (count * (count + 5)) / 2, `${asked.length} questions`);
    }),
    { numRuns: 600 },
  );
});

test("two far apart are found where a third between them hides them, unless a fourth is there", async () => {
  const shows = (ids: ReadonlySet<number>) =>
    ids.has(1000) && ids.has(3) && ids.has(990) && (!ids.has(600) || ids.has(400)) && (!ids.has(200) || ids.has(800));
  const { asked, shows: ask } = asking(shows);
  const found = await minimise(minimising({ ids: upTo(1000), target: 1000, shows: ask }));
  assert.deepEqual(found, { ids: [3, 990, 1000], isMinimal: true });
  assert.ok(asked.length <= 150, `${asked.length} questions`);
});

test("a guess that shows it is taken, one that does not costs one question", async () => {
  const { asked, shows } = asking((ids) => ids.has(90) && ids.has(100));
  const found = await minimise(minimising({ ids: upTo(100), target: 100, shows, guesses: [[], [88, 90]] }));
  assert.deepEqual(found.ids, [90, 100]);
  assert.deepEqual(asked.slice(0, 2), [[100], [88, 90, 100]]);
  assert.ok(asked.length <= 6, `${asked.length} questions`);
});

test("when no more may be asked, the smallest set that is known to show it is given, and said not to be the least", async () => {
  const { shows } = asking((ids) => ids.has(1) && ids.has(1000), 3);
  const found = await minimise(minimising({ ids: upTo(1000), target: 1000, shows }));
  assert.equal(found.isMinimal, false);
  assert.ok(found.ids.includes(1) && found.ids.includes(1000) && found.ids.length <= 1000);
});
