import { defined, systemClock } from "../../base/index.js";
import { newRunId, replay } from "../../replayer/index.js";
import { findRedactionKey, openTape, type RunWriter, type TapeReader } from "../../tape/index.js";
import type { Io } from "../io.js";
import { redactionKeySource } from "../redaction-key.js";
import { optionsOf } from "../replay/into.js";
import type { ReplaySettings } from "../replay.js";
import { version } from "../version.js";

/** Replays these calls of the tape as `replay` would; what is found goes to `run`. */
export async function replaySome(
  tape: TapeReader,
  ids: readonly number[],
  settings: ReplaySettings,
  io: Io,
  run: RunWriter,
): Promise<void> {
  const key = findRedactionKey({ ...redactionKeySource(settings.redactionKey, io), keyId: tape.keyId });
  const { hops, tapes: tapePaths } = settings;
  await replay(
    { ...optionsOf(settings, io), selection: { ids, text: `${ids.length} calls` } },
    defined({
      ...{ clock: systemClock(), tape, tapePaths, runId: newRunId(), run, key, version },
      signal: io.signal,
      openHops: hops.length === 0 ? undefined : () => openTape(hops),
    }),
  );
}
