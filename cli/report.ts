import { readFileSync } from "node:fs";
import { Command } from "commander";
import { z } from "zod";
import { OperatorError, reasonOf } from "../base/index.js";
import { type ChaosTask, parseChaosLog } from "../mesh/index.js";
import {
  renderGithub,
  renderHtml,
  renderJson,
  renderJunit,
  renderText,
  serveReport,
  withChaos,
  writeReports,
} from "../report/index.js";
import { openRun, type RunReader, type RunSummary } from "../tape/index.js";
import { type Io, wantsColor, widthOf } from "./io.js";
import { flagSetting, readSettings } from "./settings.js";

const formats = ["text", "json", "junit", "html", "github"] as const;

const reportSettings = z.strictObject({
  format: z.enum(formats).default("text"),
  full: flagSetting.prefault(false),
  out: z.string().optional(),
  serve: z.union([z.boolean(), z.string()]).optional(),
  chaos: z.string().optional(),
});
type ReportSettings = z.output<typeof reportSettings>;

/** Where a report is served unless said otherwise: on this machine, on a port that is free. */
const defaultAddress = "127.0.0.1:0";

const examples = `
Examples:
  $ tapeloop report out/run.db --format junit > junit.xml
  $ tapeloop report out/run.db --format github >> "$GITHUB_STEP_SUMMARY"
  $ tapeloop report out/run.db --serve
      look at every divergent exchange in a browser`;

/** `tapeloop report`: says again what a run found. */
export function reportCommand(io: Io): Command {
  return new Command("report")
    .description("show what a finished run found")
    .argument("<run>", "a run file, such as out/run.db")
    .option("--format <format>", `${formats.join(", ")} (default: text)`)
    .option("--full", "text with every group, histograms and both latencies, instead of one screen")
    .option("--out <dir>", "write report.html, report.json and junit.xml there instead")
    .option("--serve [host:port]", "show every divergent exchange in a browser, on this machine, until Ctrl-C")
    .option("--chaos <file>", "a log of tapeloop chaos that ran beside it: say what was met during which task")
    .addHelpText("after", examples)
    .action(async (path: string, _options, command: Command) => {
      const settings = readSettings(command, "report", reportSettings, io);
      const run = openRun(path);
      try {
        const summary = finished(run, path);
        const { chaos } = settings;
        await tell(chaos === undefined ? summary : withChaos(summary, run, readChaosLog(chaos)), run, settings, io);
      } finally {
        run.close();
      }
    });
}

function readChaosLog(file: string): ChaosTask[] {
  try {
    return parseChaosLog(readFileSync(file, "utf8"), file);
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    throw new OperatorError(`cannot read the log of chaos ${file}: ${reasonOf(cause)}`, { cause });
  }
}

async function tell(summary: RunSummary, run: RunReader, settings: ReportSettings, io: Io): Promise<void> {
  if (settings.out !== undefined) writeReports(settings.out, summary, run);
  if (settings.serve !== undefined && settings.serve !== false) return serve(summary, run, settings.serve, io);
  if (settings.out === undefined) io.stdout.write(rendered(settings, summary, run, io));
}

async function serve(summary: RunSummary, run: RunReader, where: string | true, io: Io): Promise<void> {
  const served = await serveReport(summary, run, addressOf(where === true ? defaultAddress : where));
  io.stdout.write(`${served.url}\n`);
  if (!io.signal.aborted)
    await new Promise<void>((resolve) => io.signal.addEventListener("abort", () => resolve(), { once: true }));
  await served.close();
}

/** `127.0.0.1:8090`, `[::1]:8090`, `localhost:0`, or a port alone. */
function addressOf(text: string): { host: string; port: number } {
  const [, host = "127.0.0.1", port] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535)
    throw new OperatorError(`cannot serve the report on "${text}": write HOST:PORT, such as 127.0.0.1:8090`);
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}

function finished(run: RunReader, path: string): RunSummary {
  const summary = run.summary();
  if (summary) return summary;
  throw new OperatorError(`cannot report on ${path}: the run was ended before it had a result; replay again`, {
    exitCode: 3,
  });
}

function rendered({ format, full }: ReportSettings, summary: RunSummary, run: RunReader, io: Io): string {
  switch (format) {
    case "text":
      return renderText(summary, { color: wantsColor(io), width: widthOf(io), full });
    case "json":
      return renderJson(summary);
    case "junit":
      return renderJunit(summary, run);
    case "html":
      return renderHtml(summary, run);
    case "github":
      return renderGithub(summary, run);
  }
}
