import { Command } from "commander";
import { z } from "zod";
import { inBytes, systemClock } from "../../base/index.js";
import { type PullProgress, type PullSummary, pullSegments } from "../../recorder/index.js";
import type { ExitCode, Io } from "../io.js";
import { openProgress } from "../progress.js";
import { addressSetting, durationSetting, flagSetting, readSettings } from "../settings.js";

const pullSettings = z.strictObject({
  tape: z.string().min(1),
  seal: flagSetting.prefault(false),
  follow: durationSetting.optional(),
  adminToken: z.string().optional(),
  recorders: z.array(addressSetting).min(1),
});
type PullSettings = z.output<typeof pullSettings>;

const examples = `
Examples:
  $ tapeloop tape pull 127.0.0.1:9090 --tape tape/ --seal
  $ TAPELOOP_ADMIN_TOKEN=… tapeloop tape pull reviews:9090 ratings:9090 --tape tape/ --follow 1m`;

/** `tapeloop tape pull`: copies the sealed segments of live recorders into a folder. */
export function pullCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command("pull")
    .description("copy the sealed segments of live recorders over their admin ports")
    .argument("<host:port...>", "admin ports of recorders that write to a folder")
    .option("--tape <folder>", "gets the copies; what is there already is not copied again")
    .option("--seal", "have each recorder seal its open segment first, so that all it stored comes along")
    .option("--follow <duration>", "pull again every so often, until interrupted")
    .option("--admin-token <token>", "the recorders' --admin-token (better as TAPELOOP_ADMIN_TOKEN)")
    .addHelpText("after", examples)
    .action(async (recorders: string[], _options, command: Command) => {
      const settings = readSettings(command, "pull", pullSettings, io, { recorders });
      finish(await runPull(settings, io));
    });
}

async function runPull(settings: PullSettings, io: Io): Promise<ExitCode> {
  const clock = systemClock();
  for (;;) {
    for (const address of settings.recorders) {
      if (io.signal.aborted) break;
      const summary = await pullFrom(address, settings, io);
      if (summary) io.stdout.write(summaryText(address, summary));
    }
    if (settings.follow === undefined || io.signal.aborted) break;
    await clock.sleepUntil(clock.now() + settings.follow, io.signal);
    if (io.signal.aborted) break;
  }
  return io.signal.aborted && settings.follow === undefined ? 130 : 0;
}

async function pullFrom(address: string, settings: PullSettings, io: Io): Promise<PullSummary | undefined> {
  const progress = openProgress(io);
  try {
    return await pullSegments({
      address,
      folder: settings.tape,
      seal: settings.seal,
      ...(settings.adminToken === undefined ? {} : { token: settings.adminToken }),
      signal: io.signal,
      onProgress: (at) => progress.show(progressLine(address, at)),
    });
  } catch (thrown) {
    if (io.signal.aborted) return undefined;
    throw thrown;
  } finally {
    progress.end();
  }
}

function progressLine(address: string, { segment, segments, bytes, totalBytes }: PullProgress): string {
  const share = Math.floor((100 * bytes) / Math.max(1, totalBytes));
  return `${address}  segment ${segment} of ${segments}  ${share}% of ${inBytes(totalBytes)}`;
}

function summaryText(address: string, { pulled, bytes, present, leftOut }: PullSummary): string {
  const leftOutText =
    leftOut === 0 ? "" : `, ${leftOut} left out (deleted meanwhile, or being pulled by another process)`;
  return `${address}: ${pulled.length} segments pulled (${inBytes(bytes)}), ${present} here already${leftOutText}\n`;
}
