import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { defined, OperatorError, reasonOf, systemClock } from "../../base/index.js";
import { type ExperimentEnv, type PreparedExperiment, switchOf } from "../../experiment/index.js";
import { lanesOf, newRunId } from "../../replayer/index.js";
import { createRun, findRedactionKey, openTape } from "../../tape/index.js";
import type { Io } from "../io.js";
import { clusterFor } from "../mesh/cluster.js";
import { redactionKeySource } from "../redaction-key.js";
import { version } from "../version.js";
import type { FileAsGiven } from "./prepared.js";

/** Which cluster, and what the tape was recorded with. */
export type EnvSettings = Parameters<typeof clusterFor>[1] & { redactionKey?: string | undefined };

/** Opens the tape and the run file in this folder, and closes both when `use` is done. */
export async function inExperimentEnv<T>(
  given: FileAsGiven,
  { folder, settings, io }: { folder: string; settings: EnvSettings; io: Io },
  use: (env: ExperimentEnv) => Promise<T>,
): Promise<T> {
  const { prepared, tapes, hops } = given;
  const tape = await openTape(tapes);
  try {
    const runId = newRunId();
    const key = findRedactionKey({ ...redactionKeySource(settings.redactionKey, io), keyId: tape.keyId });
    const startedAt = new Date().toISOString();
    const lanes = lanesOf(prepared.options);
    const about = { run: runId, tapeloop: version, startedAt, tapePaths: tapes, keyId: tape.keyId, lanes };
    const run = createRun(join(folder, "run.db"), about);
    try {
      const env = {
        ...{ clock: systemClock(), tape, tapePaths: tapes, runId, run, version, signal: io.signal, key },
        openHops: hops.length === 0 ? undefined : () => openTape(hops),
        faults: await faultsOf(prepared, settings, io),
      };
      return await use(defined(env));
    } finally {
      await run.close();
    }
  } finally {
    await tape.close();
  }
}

/** Without the signal: what is to be put back when a run is interrupted goes through the same connection. */
async function faultsOf(prepared: PreparedExperiment, settings: EnvSettings, io: Io): Promise<ExperimentEnv["faults"]> {
  const namespace = prepared.experiment.spec.mesh?.namespace;
  return switchOf(prepared, () => clusterFor("experiment", { ...settings, namespace }, io.env));
}

/** The folder that is asked for, made if missing, or one that goes afterwards. */
export async function inFolderFor<T>(
  asked: string | undefined,
  io: Io,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  if (asked !== undefined) return use(made(resolve(io.folder, asked), asked));
  const folder = mkdtempSync(join(tmpdir(), "tapeloop-experiment-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function made(path: string, asked: string): string {
  try {
    mkdirSync(path, { recursive: true });
    return path;
  } catch (cause) {
    throw new OperatorError(`cannot make the report's folder ${asked}: ${reasonOf(cause)}`, { cause });
  }
}
