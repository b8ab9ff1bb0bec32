import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { OperatorError, reasonOf } from "../../base/index.js";
import { runExperiment } from "../../experiment/index.js";
import { requireAccess } from "../../mesh/index.js";
import {
  type ExperimentSummary,
  renderExperimentHtml,
  renderExperimentText,
  writeReports,
} from "../../report/index.js";
import { fileKindAt, openRun } from "../../tape/index.js";
import { type ExitCode, type Io, wantsColor } from "../io.js";
import { clusterFor } from "../mesh/cluster.js";
import { addStaleOption, meetStale, staleSettings } from "../mesh/stale.js";
import { openProgress } from "../progress.js";
import { inRunFolder } from "../run-folder.js";
import { readSettings } from "../settings.js";
import { inExperimentEnv } from "./in-env.js";
import { addFileOptions, type FileAsGiven, fileSettings, readPrepared } from "./prepared.js";

const runSettings = z.strictObject({
  ...fileSettings,
  ...staleSettings,
  json: z.string().min(1).optional(),
  html: z.string().min(1).optional(),
  report: z.string().min(1).optional(),
});
type RunSettings = z.output<typeof runSettings>;

/** `tapeloop experiment run FILE`: ends with 0 passed, 1 failed, 3 inconclusive, 130 interrupted. */
export function runCommand(io: Io, finish: (code: ExitCode) => void): Command {
  const command = new Command("run").description("run an experiment, and put everything back");
  return addStaleOption(addFileOptions(command))
    .option("--json <file>", "write all of the result there as JSON")
    .option("--html <file>", "write it there as a page, with what was measured as plots")
    .option("--report <dir>", "write the replay's own report.html, report.json, junit.xml and run file there")
    .addHelpText(
      "after",
      "\nExample:\n  $ tapeloop experiment run ratings-down.yaml --target http://127.0.0.1:9081 --html ratings-down.html",
    )
    .action(async (file: string, _options, asked: Command) => {
      const settings = readSettings(asked, "experiment", runSettings, io);
      for (const asked of [settings.json, settings.html]) refuseEvidence(asked, io);
      const given = readPrepared(file, settings, io);
      await lookBeforehand(given, settings, io);
      const report = settings.report === undefined ? undefined : resolve(io.folder, settings.report);
      const summary = await inRunFolder(report, (folder) => runInto(folder, { given, settings, io }));
      io.stdout.write(renderExperimentText(summary, { color: wantsColor(io) }));
      writeAsked(summary, settings, io);
      finish(exitCodeOf(summary));
    });
}

/** A page of before is replaced; a tape or a run never is. */
function refuseEvidence(file: string | undefined, io: Io): void {
  const kind = file === undefined ? undefined : fileKindAt(resolve(io.folder, file));
  if (kind !== undefined) throw new OperatorError(`cannot write to ${file}: it is a ${kind.name}; name another file`);
}

/** What nobody can do about later: rights that the way back needs, and what others have left behind. */
async function lookBeforehand({ prepared }: FileAsGiven, settings: RunSettings, io: Io): Promise<void> {
  const namespace = prepared.experiment.spec.mesh?.namespace;
  if (namespace === undefined) return;
  const cluster = await clusterFor("experiment", { ...settings, namespace }, io.env, io.signal);
  await requireAccess(cluster, namespace, "experiment");
  await meetStale(cluster, namespace, settings, io);
}

async function runInto(
  folder: string,
  { given, settings, io }: { given: FileAsGiven; settings: RunSettings; io: Io },
): Promise<ExperimentSummary> {
  const progress = openProgress(io);
  let state = "Pending";
  try {
    return await inExperimentEnv(given, { folder, settings, io }, (env) =>
      runExperiment(given.prepared, {
        ...env,
        onState: (standing) => {
          state = standing.state;
          progress.show(state);
        },
        onProgress: ({ sent, total, divergent, failed }) =>
          progress.show(`${state}: ${sent} of ${total} sent, ${divergent} differ, ${failed} failed`),
      }),
    );
  } finally {
    progress.end();
    if (settings.report !== undefined) writeReport(folder);
  }
}

/** What the replay itself has to say; an experiment that never sent anything has no run to tell of. */
function writeReport(folder: string): void {
  const path = join(folder, "run.db");
  if (!existsSync(path)) return; // refused before there was one
  const run = openRun(path);
  try {
    const summary = run.summary();
    if (summary !== undefined) writeReports(folder, summary, run);
  } finally {
    run.close();
  }
}

function writeAsked(summary: ExperimentSummary, { json, html }: RunSettings, io: Io): void {
  if (json !== undefined) write(json, `${JSON.stringify(summary, null, 2)}\n`, io);
  if (html !== undefined) write(html, renderExperimentHtml(summary), io);
}

function write(file: string, text: string, io: Io): void {
  try {
    writeFileSync(resolve(io.folder, file), text);
  } catch (cause) {
    throw new OperatorError(
      `the experiment is over and all is put back, but ${file} cannot be written: ${reasonOf(cause)}`,
      {
        cause,
      },
    );
  }
}

function exitCodeOf({ conclusion, interrupted }: ExperimentSummary): ExitCode {
  if (interrupted) return 130;
  return conclusion === "Passed" ? 0 : conclusion === "Failed" ? 1 : 3;
}
