import { systemClock } from "../../base/index.js";
import { lanesOf, type ReplayOptions, replay } from "../../replayer/index.js";
import { createRun, openTape, type RedactionKey, type RunSummary } from "../../tape/index.js";

/** What is replayed for a bench, and onto which run file; what is not said is as on the command line. */
export interface BenchReplay extends Partial<ReplayOptions> {
  tapePath: string;
  runPath: string;
  target: string;
  key: RedactionKey;
}

/** One replay with comparison, redaction and a run file on disk, from opening the tape to the durable summary. */
export async function replayOnce({ tapePath, runPath, key, ...options }: BenchReplay): Promise<RunSummary> {
  const tape = await openTape([tapePath]);
  const run = createRun(runPath, {
    ...{ run: "bench", tapeloop: "bench", startedAt: new Date().toISOString(), tapePaths: [tapePath] },
    ...{ keyId: tape.keyId, lanes: lanesOf(options) },
  });
  const summary = await replay(
    {
      ...{ selection: { text: "all" }, order: "causal", pace: { kind: "asap" }, concurrency: 32, minLive: 0.9 },
      ...{ allowWrites: false, sameTarget: false, targetIsATest: false, skipRedacted: false, headers: [] },
      ...{ keepBodyBytes: 1 << 24, ...options },
    },
    { clock: systemClock(), tape, tapePaths: [tapePath], runId: "bench", run, key, version: "bench" },
  );
  await run.close();
  await tape.close();
  return summary;
}
