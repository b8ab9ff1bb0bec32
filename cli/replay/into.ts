import { defined, inDuration, systemClock } from "../../base/index.js";
import {
  lanesOf,
  newRunId,
  type Preflight,
  parseHeaderOption,
  type ReplayEnv,
  type ReplayOptions,
  type Progress as ReplayProgress,
  replay,
  type TargetChoice,
} from "../../replayer/index.js";
import { createRun, findRedactionKey, openTape, type RunSummary } from "../../tape/index.js";
import type { Io } from "../io.js";
import { openProgress } from "../progress.js";
import { redactionKeySource } from "../redaction-key.js";
import type { ReplaySettings } from "../replay.js";
import { version } from "../version.js";
import { carryOptionsOf } from "./carry.js";
import { compareOptionsOf } from "./compare.js";
import { openIsolation } from "./isolate.js";
import { laneOptionsOf, targetHosts } from "./lanes.js";
import { orderOptionsOf } from "./order.js";
import { withSelectFile } from "./select.js";
import { targetTlsOf } from "./tls.js";

/** Where a replay takes place, when that is not this machine alone. */
export interface ReplayStage extends TargetChoice, Pick<ReplayEnv, "openHops" | "onPreflight" | "onProgress"> {
  runId?: string;
  /** As the operator gave them, where the tape lies elsewhere now. */
  tapePaths?: readonly string[];
}

/** Replays, and writes what is found to a run file. */
export async function replayInto(
  runPath: string,
  settings: ReplaySettings,
  io: Io,
  stage: ReplayStage = {},
): Promise<RunSummary> {
  const options = { ...optionsOf(settings, io), ...defined({ byAuthority: stage.byAuthority }) };
  const tape = await openTape(settings.tapes);
  const progress = openProgress(io);
  try {
    const { runId = newRunId(), tapePaths = settings.tapes } = stage;
    const key = findRedactionKey({ ...redactionKeySource(settings.redactionKey, io), keyId: tape.keyId });
    const stub = await openIsolation(settings, tape, io);
    const run = createRun(runPath, {
      ...{ run: runId, tapeloop: version, startedAt: new Date().toISOString(), tapePaths: [...tapePaths] },
      ...{ keyId: tape.keyId, lanes: lanesOf(options) },
    });
    try {
      return await replay(
        options,
        defined({
          ...{ clock: systemClock(), tape, tapePaths, runId, run, key, version, signal: io.signal, stub },
          onPreflight: stage.onPreflight ?? preflightShown(io),
          onProgress: stage.onProgress ?? ((now: ReplayProgress) => progress.show(progressLine(now))),
          reopen: () => openTape(settings.tapes),
          openHops: stage.openHops ?? (settings.hops.length === 0 ? undefined : () => openTape(settings.hops)),
        }),
      );
    } finally {
      await run.close();
      await stub?.close();
    }
  } finally {
    progress.end();
    await tape.close();
  }
}

/** How many bytes of each answer's body are kept for comparing: as much as a generous JSON answer. */
const keepBodyBytes = 16 * 2 ** 20;

/** What the room takes. Reads the files that the settings name. */
export function optionsOf(settings: ReplaySettings, io: Io): ReplayOptions {
  const { minLive, allowWrites, sameTarget, skipRedacted, keepHost, keepIdempotencyKeys } = settings;
  const orderOptions = orderOptionsOf(settings);
  return defined({
    ...{ minLive, allowWrites, sameTarget, skipRedacted, keepHost, keepIdempotencyKeys, keepBodyBytes },
    ...laneOptionsOf(settings, io),
    tls: targetTlsOf(settings),
    ...carryOptionsOf(settings, io),
    ...compareOptionsOf(settings),
    floor: settings.floor,
    minCompared: settings.minCompared,
    ...orderOptions,
    selection: withSelectFile(orderOptions.selection, settings.select, io),
    stepTimeoutMs: settings.stepTimeout,
    targetIsATest: settings.targetIsATest || isTestTarget(settings),
    headers: settings.header.map(parseHeaderOption),
  });
}

function isTestTarget(settings: ReplaySettings): boolean {
  return targetHosts(settings).every((host) => settings.testTargets.includes(host));
}

export function progressLine({ sent, total, divergent, failed }: ReplayProgress): string {
  return `${sent} of ${total} sent, ${divergent} differ, ${failed} failed`;
}

/** On a terminal alone: to know it takes longer. */
export function preflightShown(io: Io): ((preflight: Preflight) => void) | undefined {
  if (!io.stderr.isTTY) return undefined;
  return ({ steps, longestChain, estimatedMs }) =>
    void io.stderr.write(`${steps} Steps, longest chain ${longestChain}, about ${inDuration(estimatedMs)}\n`);
}
