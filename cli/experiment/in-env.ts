import { join } from "node:path";
import { defined, systemClock } from "../../base/index.js";
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
