import { Command } from "commander";
import { z } from "zod";
import { OperatorError } from "../base/index.js";
import { renderHtml, renderJson, renderJunit, renderText, writeReports } from "../report/index.js";
import { openRun, type RunReader, type RunSummary } from "../tape/index.js";
import { type Io, wantsColor, widthOf } from "./io.js";
import { readSettings } from "./settings.js";

const reportSettings = z.strictObject({
  format: z.enum(["text", "json", "junit", "html"]).default("text"),
  out: z.string().optional(),
});

/** `tapeloop report`: says again what a run found. */
export function reportCommand(io: Io): Command {
  return new Command("report")
    .description("show what a finished run found")
    .argument("<run>", "a run file, such as out/run.db")
    .option("--format <format>", "text, json, junit or html (default: text)")
    .option("--out <dir>", "write report.html, report.json and junit.xml there instead")
    .addHelpText("after", "\nExample:\n  $ tapeloop report out/run.db --format junit > junit.xml")
    .action((path: string, _options, command: Command) => {
      const settings = readSettings(command, "report", reportSettings, io);
      const run = openRun(path);
      try {
        const summary = finished(run, path);
        if (settings.out !== undefined) writeReports(settings.out, summary, run);
        else io.stdout.write(rendered(settings.format, summary, run, io));
      } finally {
        run.close();
      }
    });
}

function finished(run: RunReader, path: string): RunSummary {
  const summary = run.summary();
  if (summary) return summary;
  throw new OperatorError(`cannot report on ${path}: the run was ended before it had a result; replay again`, {
    exitCode: 3,
  });
}

function rendered(
  format: z.output<typeof reportSettings>["format"],
  summary: RunSummary,
  run: RunReader,
  io: Io,
): string {
  switch (format) {
    case "text":
      return renderText(summary, { color: wantsColor(io), width: widthOf(io) });
    case "json":
      return renderJson(summary);
    case "junit":
      return renderJunit(summary, run);
    case "html":
      return renderHtml(summary, run);
  }
}
