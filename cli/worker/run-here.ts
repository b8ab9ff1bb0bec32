import { join } from "node:path";
import { OperatorError } from "../../base/index.js";
import { openTape } from "../../tape/index.js";
import type { Io } from "../io.js";
import { type ReplayStage, replayInto } from "../replay/into.js";
import { aliveMs, type HopsAnswer, type RunRequest, runFileName, type WorkerEvent } from "./protocol.js";

/** Replays as it is asked for, into the run file of the worker's folder. */
export async function runHere(
  { settings, env, run, byAuthority, tapePaths, wantsPreflight, hasHops }: RunRequest,
  folder: string,
  tell: (event: WorkerEvent) => void,
  hops: () => Promise<HopsAnswer>,
  signal: AbortSignal,
): Promise<void> {
  const stage: ReplayStage = {
    ...{ runId: run, byAuthority, tapePaths },
    onProgress: (progress) => tell({ kind: "progress", progress }),
    ...(wantsPreflight ? { onPreflight: (preflight) => tell({ kind: "preflight", preflight }) } : {}),
    ...(hasHops
      ? {
          openHops: async () => {
            tell({ kind: "hops" });
            return openTape(filesOf(await hops(), folder));
          },
        }
      : {}),
  };
  const said = { write: (text: string) => tell({ kind: "said", text }) };
  const io: Io = { stdout: said, stderr: said, env, folder, signal };
  const beat = setInterval(() => tell({ kind: "alive" }), aliveMs);
  try {
    await replayInto(join(folder, runFileName), settings, io, stage);
  } finally {
    clearInterval(beat);
  }
}

function filesOf(answer: HopsAnswer, folder: string): string[] {
  if ("failed" in answer) throw new OperatorError(answer.failed, { exitCode: 3 });
  return answer.files.map((name) => join(folder, name));
}
