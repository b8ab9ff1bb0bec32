import { systemClock } from "../../base/index.js";
import { type ReplayEnv, type ReplayOptions, replay } from "../../replayer/index.js";
import type { RunSummary, TapeReader } from "../../tape/index.js";
import { type RunInMemory, runInMemory } from "./run-in-memory.js";
import { testKey } from "./wire-request.js";

/** Everything of the tape, in recorded order, as soon as may be. */
export function replayOptions(target: string, changes: Partial<ReplayOptions> = {}): ReplayOptions {
  return {
    target,
    selection: { text: "all" },
    order: "recorded",
    pace: { kind: "asap" },
    concurrency: 8,
    minLive: 0.9,
    allowWrites: false,
    sameTarget: false,
    targetIsATest: false,
    skipRedacted: false,
    headers: [],
    keepBodyBytes: 1 << 20,
    ...changes,
  };
}

/** Replays a tape of the test key, and gives the summary with what was written of the run. */
export async function replayed(
  tape: TapeReader,
  options: ReplayOptions,
  env: Partial<ReplayEnv> = {},
): Promise<{ summary: RunSummary; kept: RunInMemory["kept"] }> {
  const run = runInMemory();
  const own: ReplayEnv = {
    clock: systemClock(),
    tape,
    tapePaths: ["test"],
    runId: "run1",
    run,
    key: testKey,
    version: "0.0.0",
  };
  const summary = await replay(options, { ...own, ...env });
  return { summary, kept: run.kept };
}
