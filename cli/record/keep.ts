import { type Command, CommanderError } from "commander";
import { z } from "zod";
import { defined, OperatorError } from "../../base/index.js";
import type { KeepOptions } from "../../recorder/index.js";
import { type RecorderDescription, sampleKeys, tapePlace } from "../../tape/index.js";
import type { Io } from "../io.js";
import { bytesSetting, durationSetting, shareSetting } from "../settings.js";
import { rateSetting, readKeepFile } from "./keep-file.js";
import { sampleMatchText } from "./print-sample-match.js";

const many = z.union([z.array(z.string()), z.string().transform((one) => [one])]);
const smallestTapeBytes = 2 ** 20;

/** Settings of `record` about what is kept, and for how long. */
export const keepSettings = {
  keep: many.prefault([]),
  drop: many.prefault([]),
  keepFile: z.string().min(1).optional(),
  sample: shareSetting.optional(),
  sampleBy: z.enum(sampleKeys).optional(),
  maxRate: rateSetting.optional(),
  maxTapeSize: bytesSetting.refine((bytes) => bytes >= smallestTapeBytes, "must be at least 1MiB").optional(),
  retention: z.union([z.literal("none"), durationSetting], "must be a duration such as 24h, or none").optional(),
};
const shape = z.object(keepSettings);
type KeepSettings = z.output<typeof shape>;

/** Segments of a folder go when they have been sealed for so long, unless the operator says otherwise. */
const defaultRetentionMs = 7 * 86_400_000;

export function addKeepOptions(command: Command, io: Io): Command {
  return command
    .option("--keep <condition...>", "keep calls that meet one of these alone, such as 'status = 5xx'")
    .option("--drop <condition...>", "leave calls out that meet one of these, such as 'path = /healthz'")
    .option("--keep-file <file>", "the same from a YAML file: keep, drop, sample, sampleBy, maxRate")
    .option("--sample <share>", "keep this share of all traces, the same ones at every hop, such as 10%")
    .option(
      "--sample-by <id>",
      "what names a trace: trace (traceparent, else x-request-id) or request-id (default: trace)",
    )
    .option("--max-rate <rate>", "store at most so many calls a second, such as 500/s; the others are dropped, counted")
    .option("--max-tape-size <size>", "folder tapes: delete the oldest sealed segments beyond this (default: no bound)")
    .option(
      "--retention <duration>",
      "folder tapes: delete segments sealed for longer than this, or none (default: 7d)",
    )
    .option("--print-sample-match <share>", "print routes by which the caller's Envoy copies the same share, and end")
    .on("option:print-sample-match", (text: string) => {
      const share = shareSetting.safeParse(text);
      if (!share.success)
        throw new OperatorError(
          `record: --print-sample-match: ${share.error.issues[0]!.message} (got ${JSON.stringify(text)})`,
        );
      io.stdout.write(sampleMatchText(share.data));
      throw new CommanderError(0, "tapeloop.printed", "printed");
    });
}

/** What the recorder's room keeps; undefined when all is kept. Flags go before the file; rules of both count. */
export function keepOptionsOf(settings: KeepSettings, recorder: RecorderDescription): KeepOptions | undefined {
  const file = settings.keepFile === undefined ? undefined : readKeepFile(settings.keepFile, recorder);
  const rules = {
    keep: [...(file?.keep ?? []), ...settings.keep],
    drop: [...(file?.drop ?? []), ...settings.drop],
  };
  const share = settings.sample ?? file?.sample;
  const mostCallsPerSecond = settings.maxRate ?? file?.maxRate;
  const hasRules = rules.keep.length + rules.drop.length > 0;
  if (!hasRules && share === undefined && mostCallsPerSecond === undefined) return undefined;
  return defined({
    recorder,
    rules: hasRules ? rules : undefined,
    sample: share === undefined ? undefined : { share, by: settings.sampleBy ?? file?.sampleBy ?? "trace" },
    mostCallsPerSecond,
  });
}

/** How much of the tape is kept. A tape that is one file has no segments to delete. */
export interface TapeLimits {
  /** Absent: no segment is too old. */
  retentionMs?: number;
  mostBytes?: number;
  segmentBytes: number;
}

export function tapeLimitsOf(settings: KeepSettings & { tape: string; segmentSize: number }): TapeLimits {
  const { tape, retention, maxTapeSize: mostBytes, segmentSize } = settings;
  if (tapePlace(tape).kind === "file") {
    refuseForFile(tape, "--max-tape-size", mostBytes);
    refuseForFile(tape, "--retention", retention === "none" ? undefined : retention);
    return { segmentBytes: segmentSize };
  }
  // Whole segments go, so a bound is kept to within one of them.
  const segmentBytes = mostBytes === undefined ? segmentSize : Math.min(segmentSize, Math.floor(mostBytes / 4));
  const retentionMs = retention === "none" ? undefined : (retention ?? defaultRetentionMs);
  return defined({ retentionMs, mostBytes, segmentBytes });
}

function refuseForFile(tape: string, flag: string, value: number | undefined): void {
  if (value === undefined) return;
  throw new OperatorError(
    `record: ${flag} deletes whole segments, and --tape ${tape} is one file; give a folder, such as --tape tape/`,
  );
}
