import { Command, Option } from "commander";
import { z } from "zod";
import { defined, inBytes, OperatorError } from "../../base/index.js";
import {
  type ImportNote,
  type ImportOptions,
  type ImportProgress,
  type ImportSummary,
  importFiles,
  importFormats,
  importNotes,
  loadRedactionKey,
  parseWhere,
} from "../../tape/index.js";
import type { ExitCode, Io } from "../io.js";
import { openProgress } from "../progress.js";
import { addRedactionOptions, redactionOf, redactionSettings } from "../record/redaction.js";
import { redactionKeySource } from "../redaction-key.js";
import { flagSetting, readSettings } from "../settings.js";

const importSettings = z.strictObject({
  tape: z.string().min(1),
  format: z.enum(["auto", ...importFormats]).default("auto"),
  where: z.string().optional(),
  partial: flagSetting.prefault(false),
  replayedAnswers: flagSetting.prefault(false),
  redactionKey: z.string().optional(),
  ...redactionSettings,
  json: flagSetting.prefault(false),
});
type ImportSettings = z.output<typeof importSettings>;

const examples = `
Examples:
  $ tapeloop tape import browser.har --tape tape/
  $ tapeloop tape import browser.har --tape tape/ --redaction-rules rules.yaml
  $ tapeloop tape import requests_*.gor.gz --tape monday.db --where 'host = shop.example.com'`;

/** `tapeloop tape import`: HAR and GoReplay files onto a tape, redacted as if recorded now. */
export function importCommand(io: Io, finish: (code: ExitCode) => void): Command {
  const command = new Command("import")
    .description("import HAR 1.2 and GoReplay (.gor) files onto a tape")
    .argument("<file...>", "HAR or .gor files, gzip or not")
    .option("--tape <path>", "a folder, which gets further segments, or a file that is not there yet")
    .addOption(
      new Option("--format <format>", "auto, har or gor (default: auto, by how a file begins)").choices([
        "auto",
        ...importFormats,
      ]),
    )
    .option("--where <condition>", "only these calls, such as 'method = GET and status >= 500'")
    .option("--partial", "of a file that is cut or refused, keep what came before; without it nothing is kept")
    .option("--replayed-answers", ".gor: take replayed responses (type 3) as the answers, not the original ones")
    .option("--redaction-key <file>", "key of the pseudonyms; the same as of a tape that this is added to")
    .option("--json", "say what became of it as JSON")
    .addHelpText("after", examples)
    .action(async (files: string[], _options, command: Command) => {
      const settings = readSettings(command, "import", importSettings, io);
      finish(await runImport(files, settings, io));
    });
  return addRedactionOptions(command);
}

async function runImport(files: readonly string[], settings: ImportSettings, io: Io): Promise<ExitCode> {
  const redaction = redactionOf(settings, io);
  const progress = openProgress(io);
  const startedMs = performance.now();
  const options: ImportOptions = {
    files,
    tape: settings.tape,
    ...(settings.format === "auto" ? {} : { format: settings.format }),
    ...(settings.where === undefined ? {} : { which: parseWhere(settings.where) }),
    key: loadRedactionKey(redactionKeySource(settings.redactionKey, io)),
    ...(redaction === undefined ? {} : { redaction }),
    partial: settings.partial,
    replayedAnswers: settings.replayedAnswers,
    signal: io.signal,
    onProgress: (at) => progress.show(progressLine(at, performance.now() - startedMs)),
  };
  const summary = await importFiles(options).finally(() => progress.end());
  io.stdout.write(settings.json ? `${JSON.stringify(summaryJson(summary))}\n` : summaryText(summary, settings.tape));
  if (summary.stoppedBy !== undefined) throw summary.stoppedBy;
  return summary.interrupted ? 130 : 0;
}

/** `access.har  [#####.....]  48%  1.2 GiB of 2.5 GiB  85 MiB/s  12345 calls`. */
function progressLine({ file, readBytes, totalBytes, calls }: ImportProgress, elapsedMs: number): string {
  const share = totalBytes === 0 ? 1 : readBytes / totalBytes;
  const bar = "#".repeat(Math.floor(share * 20)).padEnd(20, ".");
  const rate = inBytes(readBytes / Math.max(0.001, elapsedMs / 1000));
  return `${file}  [${bar}]  ${Math.floor(share * 100)}%  ${inBytes(readBytes)} of ${inBytes(totalBytes)}  ${rate}/s  ${calls} calls`;
}

function summaryJson({ stoppedBy, ...summary }: ImportSummary): unknown {
  return defined({
    ...summary,
    stoppedBy: stoppedBy instanceof OperatorError ? stoppedBy.message : stoppedBy && String(stoppedBy),
  });
}

function summaryText(summary: ImportSummary, tape: string): string {
  const { kept, present, deselected, unredactable, unsealed, interrupted, paths } = summary;
  const lines = [`${kept} Exchanges imported onto ${tape}`];
  if (interrupted && paths.length === 0) lines[0] = "interrupted: nothing was imported";
  if (present > 0) lines.push(`  ${present} left out: on this tape already, under the recorder that saw them`);
  if (deselected > 0) lines.push(`  ${deselected} not selected by --where`);
  for (const [note, count] of Object.entries(summary.notes))
    lines.push(`  ${count} ${importNotes[note as ImportNote]}`);
  if (unredactable > 0)
    lines.push(`  ${unredactable} bodies withheld: they may hold secrets and could not be read whole`);
  if (unsealed > 0) {
    lines.push(`  ${unsealed} without a seal of this redaction key: pseudonyms in them were replaced once more`);
  }
  return `${lines.join("\n")}\n`;
}
