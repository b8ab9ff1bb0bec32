import { randomBytes } from "node:crypto";
import { createWriteStream, existsSync, linkSync, rmSync } from "node:fs";
import { Writable } from "node:stream";
import { Command, Option } from "commander";
import { z } from "zod";
import { OperatorError, reasonOf } from "../../base/index.js";
import {
  type ExportFormat,
  type ExportOptions,
  type ExportSummary,
  exportFormats,
  exportTape,
  findRedactionKey,
  openTape,
  parseWhere,
  type TapeReader,
} from "../../tape/index.js";
import type { ExitCode, Io } from "../io.js";
import { openProgress } from "../progress.js";
import { redactionKeySource } from "../redaction-key.js";
import { countSetting, readSettings } from "../settings.js";
import { version } from "../version.js";

const exportSettings = z.strictObject({
  format: z.enum(exportFormats),
  output: z.string().min(1).optional(),
  where: z.string().optional(),
  limit: countSetting.optional(),
  redactionKey: z.string().optional(),
});
type ExportSettings = z.output<typeof exportSettings>;

const examples = `
Examples:
  $ tapeloop tape export tape/ --format har -o monday.har
  $ tapeloop tape export tape/ --format curl --where 'id = 17'`;

/** `tapeloop tape export`: a tape as HAR, GoReplay file or curl commands. */
export function exportCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command("export")
    .description("write a tape as HAR 1.2, as a GoReplay file or as curl commands")
    .argument("<tape...>", "files or folders")
    .addOption(new Option("--format <format>", "har, gor or curl").choices(exportFormats as unknown as string[]))
    .option(
      "-o, --output <file>",
      "write here, a file that is not there yet (default: stdout); gzip when it ends in .gz",
    )
    .option("--where <condition>", "only these, such as 'method = GET and status >= 500'")
    .option("--limit <n>", "at most so many")
    .option(
      "--redaction-key <file>",
      "the tape's key: HAR entries are sealed with it, so that import takes them back as they are",
    )
    .addHelpText("after", examples)
    .action(async (paths: string[], _options, command: Command) => {
      const settings = readSettings(command, "export", exportSettings, io);
      const tape = await openTape(paths);
      try {
        finish(await runExport(tape, settings, io));
      } finally {
        await tape.close();
      }
    });
}

async function runExport(tape: TapeReader, settings: ExportSettings, io: Io): Promise<ExitCode> {
  const progress = openProgress(io);
  const key = findRedactionKey({ ...redactionKeySource(settings.redactionKey, io), keyId: tape.keyId });
  const options: ExportOptions = {
    format: settings.format,
    which: {
      ...(settings.where === undefined ? {} : parseWhere(settings.where)),
      ...(settings.limit === undefined ? {} : { limit: settings.limit }),
    },
    ...(key ? { key } : {}),
    version,
    signal: io.signal,
    onProgress: (exchanges) => progress.show(`${exchanges} Exchanges`),
  };
  try {
    const { output } = settings;
    const summary =
      output === undefined ? await exportTape(tape, textSink(io), options) : await exportToFile(tape, output, options);
    progress.end();
    tell(summary, settings.format, key !== undefined, io);
    return 0;
  } catch (thrown) {
    progress.end();
    if (io.signal.aborted) return 130;
    throw thrown;
  }
}

/** Written beside its place, under another name, until all of it is there; what is there already may be a tape, and stays. */
async function exportToFile(tape: TapeReader, path: string, options: ExportOptions): Promise<ExportSummary> {
  const draft = `${path}.export-${randomBytes(6).toString("hex")}`;
  if (existsSync(path)) throw new OperatorError(`cannot export to ${path}: it is there already; name a new file`);
  try {
    const summary = await exportTape(tape, createWriteStream(draft, { flags: "wx" }), {
      ...options,
      gzip: path.endsWith(".gz"),
    });
    linkSync(draft, path); // unlike a rename, refuses a file that came meanwhile
    return summary;
  } catch (thrown) {
    if (thrown instanceof OperatorError || options.signal?.aborted) throw thrown;
    throw new OperatorError(`cannot export to ${path}: ${reasonOf(thrown)}`, { cause: thrown });
  } finally {
    rmSync(draft, { force: true });
  }
}

/** stdout as a stream that is not ended; bytes pass as they are. */
function textSink(io: Io): Writable {
  const { stdout } = io;
  return new Writable({
    write(piece: Buffer, _encoding, done) {
      if (stdout instanceof Writable) stdout.write(piece, done);
      else {
        stdout.write(piece.toString("utf8"));
        done();
      }
    },
  });
}

/** What the format cannot say is said on stderr. */
function tell({ losses }: ExportSummary, format: ExportFormat, isSealed: boolean, io: Io): void {
  for (const { inWords, exchanges } of losses) io.stderr.write(`tapeloop: ${exchanges} Exchanges ${inWords}\n`);
  if (format === "har" && !isSealed) {
    io.stderr.write(
      "tapeloop: the tape's redaction key is not at hand: entries are not sealed, an import redacts them again\n",
    );
  }
}
