import assert from "node:assert/strict";
import { test } from "node:test";
import { readProducers } from "../../replayer/shrink/producers.js";
import { showsDivergence } from "../../replayer/shrink/same-divergence.js";
import { type ShrinkOptions, shrink } from "../../replayer/shrink/shrink.js";
import type { Difference, Divergence, RunWriter } from "../../tape/index.js";
import { type TapeCall, tapeOf } from "../support/replay-tape.js";
import { divergence } from "../support/run-summary.js";

const difference: Difference = {
  kind: "changed-value",
  place: "body:/price",
  severity: "medium",
  expected: "0",
  actual: "-20",
};
const wanted: Divergence = divergence({ hop: "reviews", route: "GET /a", place: "body:/price", kind: "changed-value" });

async function shrinking(count: number, more: Partial<ShrinkOptions> = {}): Promise<ShrinkOptions> {
  const tape = await tapeOf(
    Array.from({ length: count }, (_, at): TapeCall => ({ startMs: at * 10, path: `/x${at}` })),
  );
  const sent: ShrinkOptions["sent"][number][] = [];
  for await (const head of tape.skim()) sent.push(head);
  const target = { exchangeId: sent.at(-1)!.id, differences: [{ ...difference, hop: "reviews" }] };
  return { divergence: wanted, target, reference: "recorded", sent, producers: new Map(), maxReplays: 200, ...more };
}

/** Writes what a replay of these calls would, as far as shrinking looks. */
function write(run: RunWriter, ids: readonly number[], target: number, shows: boolean): void {
  const base = {
    callee: "reviews",
    route: "GET /a",
    method: "GET",
    path: "/a",
    protocol: "http/1.1",
    recordedAtMs: 0,
  } as const;
  run.steps(ids.map((exchangeId, step) => ({ ...base, step, exchangeId })));
  if (shows) run.differences(ids.indexOf(target), "reviews", [difference]);
}

test("progress tells each replay, and the result how many there were", async () => {
  const options = await shrinking(8);
  const [cause, target] = [options.sent[2]!.id, options.target.exchangeId];
  const progress: number[] = [];
  const shrunk = await shrink(options, {
    replay: async (ids, run) => write(run, ids, target, ids.includes(cause) && ids.includes(target)),
    onProgress: ({ replays }) => progress.push(replays),
  });
  assert.deepEqual(shrunk.ids, [cause, target]);
  assert.deepEqual(
    progress,
    Array.from({ length: shrunk.replays }, (_, at) => at + 1),
  );
  assert.deepEqual([shrunk.isMinimal, shrunk.shown, shrunk.shownOf, shrunk.from], [true, 4, 4, 8]);
});

test("two causes far from the call that shows them are found where no guess helps, in as many replays as documented", async () => {
  const options = await shrinking(400);
  const { sent, ...others } = options;
  // All paths, connections and traces differ: nothing tells which calls belong together.
  const [first, second, target] = [sent[4]!.id, sent[251]!.id, sent[330]!.id];
  const tried: (readonly number[])[] = [];
  const shrunk = await shrink(
    { ...others, sent, target: { ...options.target, exchangeId: target } },
    {
      replay: async (ids, run) => {
        tried.push(ids);
        write(
          run,
          ids,
          target,
          [first, second, target].every((id) => ids.includes(id)),
        );
      },
    },
  );
  assert.deepEqual([shrunk.ids, shrunk.isMinimal], [[first, second, target], true]);
  assert.deepEqual(tried[2], [target], "the first guess, after two replays of all");
  assert.deepEqual(tried[3]?.length, 331, "and the next that is another: all before it");
  const bound = 2 * 2 * (Math.log2(400 / 2) + 1) + 2 + 9;
  assert.ok(shrunk.replays <= bound, `${shrunk.replays} replays, ${bound} are documented`);
  assert.equal(shrunk.replays, tried.length);
});

test("a divergence that shows in some replays alone is shrunk all the same, and said to be flaky", async () => {
  const options = await shrinking(8);
  const [cause, target] = [options.sent[2]!.id, options.target.exchangeId];
  let replays = 0;
  const shrunk = await shrink(options, {
    replay: async (ids, run) => write(run, ids, target, ids.includes(cause) && replays++ % 2 === 1),
  });
  assert.deepEqual(shrunk.ids, [cause, target]);
  assert.ok(shrunk.shown < shrunk.shownOf, `${shrunk.shown} of ${shrunk.shownOf}`);
});

test("what is gone is refused after two replays, and no more replays are made than allowed", async () => {
  let replays = 0;
  const gone = shrink(await shrinking(8), { replay: async () => void replays++ });
  await assert.rejects(gone, /2 replays of the same 8 calls did not show it.*--reset-command/);
  assert.equal(replays, 2);
  const options = await shrinking(64, { maxReplays: 7 });
  const target = options.target.exchangeId;
  const shrunk = await shrink(options, {
    replay: async (ids, run) => write(run, ids, target, ids.includes(options.sent[0]!.id)),
  });
  assert.deepEqual([shrunk.replays, shrunk.isMinimal], [7, false]);
});

test("an interrupt gives what was found so far", async () => {
  const stop = new AbortController();
  const options = await shrinking(8);
  let replays = 0;
  const shrunk = await shrink(options, {
    signal: stop.signal,
    replay: async (ids, run) => {
      if (++replays === 3) stop.abort();
      write(run, ids, options.target.exchangeId, replays < 3);
    },
  });
  assert.deepEqual([shrunk.replays, shrunk.isMinimal, shrunk.ids.length], [3, false, 8]);
});

const at = (changes: Partial<Difference> & Pick<Difference, "place">) =>
  ({ ...difference, hop: "reviews", ...changes }) as Difference & { hop: string };

test("an answer that differs because its state was left out is not the divergence", () => {
  const price = at({ place: "body:/price" });
  const of = {
    divergence: wanted,
    inRun: [price, at({ place: "body:/note", kind: "changed-value" })],
    reference: "recorded",
  } as const;
  assert.ok(showsDivergence([price], of));
  assert.ok(!showsDivergence([at({ place: "body:/price", actual: "100" })], of), "another value");
  assert.ok(!showsDivergence([at({ place: "body:/total" })], of), "another place");
  assert.ok(!showsDivergence([{ ...price, hop: "ratings" }], of), "another hop");
  const missing = at({ place: "body:/items", kind: "missing-field", severity: "high" } as Difference);
  assert.ok(!showsDivergence([price, missing], of), "a structure that was there");
  assert.ok(showsDivergence([price, missing], { ...of, inRun: [...of.inRun, missing] }));
  assert.ok(showsDivergence([at({ place: "body:/price", actual: "100" })], { ...of, reference: "baseline" }));
});

test("values that are made anew are compared by class, and array indexes do not matter", () => {
  const id = (actual: string) => at({ place: "body:/items/3/id", actual });
  const of = {
    divergence: { hop: "reviews", place: "body:/items/*/id", kind: "changed-value" },
    inRun: [id("0b5f9a10-6b5c-4c9e-8f7b-0a1b2c3d4e5f")],
    reference: "recorded",
  } as const;
  const again = { ...id("7c9e6679-7425-40de-944b-e07fc1f90ae7"), place: "body:/items/0/id" };
  assert.ok(showsDivergence([again], of));
  assert.ok(!showsDivergence([id("none")], of));
});

test("who needs whose answer is read from the tape", async () => {
  const token = "tok-9f8e7d6c5b4a3f2e1d0c";
  const tape = await tapeOf([
    { startMs: 0, path: "/start", answerBody: `{"cart":"${token}"}` },
    { startMs: 20, path: "/items" },
    { startMs: 40, path: `/carts/${token}` },
  ]);
  const ids: number[] = [];
  for await (const { id } of tape.skim()) ids.push(id);
  assert.deepEqual(await readProducers(tape, ids), new Map([[ids[2], new Set([ids[0]])]]));
});
