import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { openTape, type TapeStats } from "../../tape/index.js";
import type { Home } from "./command-line.js";
import { type PacedResult, pacedLoad } from "./paced-load.js";
import { type RecorderProcess, startRecorderProcess } from "./recorder-process.js";
import { until } from "./until.js";
import { startService } from "./upstream.js";

/** An inline recorder, a process of its own in front of a service, under a steady load. */
export interface LoadedInline {
  readonly recorder: RecorderProcess;
  /** A count of `/metrics`, such as `kept`. */
  count(name: CountName): Promise<number>;
  /** Waits until the count has grown by so much from now. */
  untilMore(name: CountName, by: number): Promise<void>;
  /** Ends the load and waits until the fate of all calls is known: all were answered 200, and each is in the sums. */
  endLoad(): Promise<PacedResult>;
  /** What `/readyz` says. */
  readiness(): Promise<{ status: number; text: string }>;
}

type CountName = "seen" | "kept" | "dropped" | "sampled_out" | "store_errors";

export interface LoadedInlineOptions {
  home: Home;
  tape: string;
  more?: readonly string[];
  perSecond?: number;
  bodyBytes?: number;
}

export async function startLoadedInline(t: TestContext, options: LoadedInlineOptions): Promise<LoadedInline> {
  const { home, tape, more = [], perSecond = 100, bodyBytes = 4000 } = options;
  const service = await startService(t);
  const flags = ["--mode", "inbound", "--upstream", service.url, "--service", "echo", ...more];
  const recorder = await startRecorderProcess(t, home, { tape, more: flags });
  let enough = false;
  const load = { count: Number.MAX_SAFE_INTEGER, perSecond, bodyBytes, stop: () => enough };
  const loaded = pacedLoad(recorder.port, { ...load, path: (call) => `/echo/fault/${call}` });
  t.after(() => {
    enough = true;
  });
  const count = (name: CountName) => recorder.metric(`tapeloop_recorder_${name}_total`);
  return {
    recorder,
    count,
    untilMore: async (name, by) => {
      const from = await count(name);
      await until(`${by} more ${name}`, async () => (await count(name)) >= from + by, { seen: () => count(name) });
    },
    endLoad: async () => {
      enough = true;
      const result = await loaded;
      assert.deepEqual(result.other, {}, "no call failed");
      await untilDecided(recorder);
      assert.equal(await count("seen"), result.answered);
      assert.equal((await count("kept")) + (await count("dropped")) + (await count("sampled_out")), result.answered);
      return result;
    },
    readiness: async () => {
      const answer = await fetch(`http://${recorder.admin}/readyz`);
      return { status: answer.status, text: await answer.text() };
    },
  };
}

async function untilDecided(recorder: RecorderProcess): Promise<void> {
  const undecided = () => recorder.metric("tapeloop_recorder_undecided_calls");
  await until("the fate of all calls", async () => (await undecided()) === 0, { seen: undecided });
}

/**
 * What the tape says after a clean end: the ledger adds up and tells as many Exchanges as there are. Another recorder that
 * comes after leaves it so, and knows of no gap that was not there.
 */
export async function soundTape(t: TestContext, home: Home, tape: string): Promise<TapeStats> {
  const stats = await statsOf(tape);
  const { seen, kept, dropped, sampledOut } = stats.counts;
  assert.deepEqual({ sum: kept + dropped + sampledOut, exchanges: stats.exchanges }, { sum: seen, exchanges: kept });
  const next = await startRecorderProcess(t, home, { tape, more: ["--service", "echo"] });
  assert.deepEqual(await next.stop(), { code: 0, signal: null }, next.stderr);
  const { gaps, exchanges, counts } = await statsOf(tape);
  assert.deepEqual({ gaps, exchanges, counts }, { gaps: stats.gaps, exchanges: stats.exchanges, counts: stats.counts });
  return stats;
}

async function statsOf(tape: string): Promise<TapeStats> {
  const reader = await openTape([tape]);
  try {
    return await reader.stats();
  } finally {
    await reader.close();
  }
}
