import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { walkOf } from "../../tape/tape-walk.js";

test("whatever is left of each turn, all comes once and in order, and is read as it is taken", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: 2000 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }),
      async (n, takes) => {
        let read = 0;
        const all = function* () {
          for (; read < n; read++) yield read;
        };
        const met: number[] = [];
        let turns = 0;
        for await (const turn of walkOf(all).turns()) {
          let left = takes[turns++ % takes.length]!;
          for (const one of turn) {
            assert.equal(read, one);
            met.push(one);
            if (--left === 0) break;
          }
        }
        assert.deepEqual(
          met,
          Array.from({ length: n }, (_, at) => at),
        );
      },
    ),
    { numRuns: 50 },
  );
});

test("other work gets its turn between two turns", async () => {
  const rounds: string[] = [];
  const other = setInterval(() => rounds.push("other"), 0);
  const slow = function* () {
    for (let at = 0; at < 1000; at++) {
      const endMs = performance.now() + 0.02;
      while (performance.now() < endMs);
      yield at;
    }
  };
  for await (const turn of walkOf(slow).turns()) rounds.push(`${[...turn].length}`);
  clearInterval(other);
  assert.deepEqual(
    rounds.filter((round) => round !== "other"),
    ["256", "256", "256", "232"],
  );
  assert.ok(rounds.slice(rounds.indexOf("256"), rounds.lastIndexOf("232")).includes("other"));
});

test("what a walk reads is closed when it is left, and an error of it is thrown to who walks", async () => {
  let closed = 0;
  const endless = function* () {
    try {
      for (let at = 0; ; at++) {
        if (at === 300) throw new Error("damaged");
        yield at;
      }
    } finally {
      closed++;
    }
  };
  for await (const turn of walkOf(endless).turns()) {
    for (const one of turn) if (one === 5) break;
    break;
  }
  assert.equal(closed, 1);
  await assert.rejects(async () => {
    for await (const one of walkOf(endless)) assert.ok(one < 300);
  }, /damaged/);
  assert.equal(closed, 2);
});
