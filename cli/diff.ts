import { Command } from "commander";
import { z } from "zod";
import { OperatorError } from "../base/index.js";
import { compareRuns, type RunDifference, suggestionsAsYaml, suggestRules } from "../replayer/index.js";
import { openRun, type RunReader, type RunSummary } from "../tape/index.js";
import type { ExitCode, Io } from "./io.js";
import { flagSetting, readSettings } from "./settings.js";

const diffSettings = z.strictObject({ suggest: flagSetting.prefault(false), json: flagSetting.prefault(false) });

const examples = `
Examples:
  $ tapeloop diff monday/run.db tuesday/run.db
      which divergences are new, gone, the same, met more or less often
  $ tapeloop diff out/run.db --suggest > rules.yaml
      rules for what looks like noise, each with its evidence`;

/** `tapeloop diff`: ends with 0 nothing new, 1 new divergences or more of them, 3 the runs cannot be held together. */
export function diffCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command("diff")
    .description("hold two finished runs against each other, or propose rules for one")
    .argument("<run...>", "one or two run files, such as out/run.db")
    .option("--suggest", "propose a rules file for the one run")
    .option("--json", "print JSON instead of text")
    .addHelpText("after", examples)
    .action((paths: string[], _options, command: Command) => {
      const settings = readSettings(command, "diff", diffSettings, io);
      if (paths.length !== (settings.suggest ? 1 : 2))
        throw new OperatorError(wrongCount(paths.length, settings.suggest));
      finish(settings.suggest ? suggest(paths[0]!, settings.json, io) : diff(paths[0]!, paths[1]!, settings.json, io));
    });
}

function wrongCount(count: number, suggest: boolean): string {
  const wanted = suggest ? "diff --suggest takes one run file" : "diff takes two run files (or one with --suggest)";
  return `${wanted}, not ${count}`;
}

function suggest(path: string, json: boolean, io: Io): ExitCode {
  return withRun(path, (summary, run) => {
    const found = suggestRules(summary, run);
    io.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : suggestionsAsYaml(found));
    return 0;
  });
}

function diff(before: string, after: string, json: boolean, io: Io): ExitCode {
  const [old, recent] = [before, after].map((path) => withRun(path, (summary) => summary)) as [RunSummary, RunSummary];
  const { differences, doubts } = compareRuns(old, recent);
  if (json) io.stdout.write(`${JSON.stringify({ differences, doubts }, null, 2)}\n`);
  else {
    for (const one of differences) io.stdout.write(`${lineOf(one)}\n`);
    for (const doubt of doubts) io.stdout.write(`doubt: ${doubt}\n`);
    if (differences.length === 0) io.stdout.write("neither run has a divergence that is no noise\n");
  }
  if (differences.some(({ change }) => change === "new" || change === "more")) return 1;
  return doubts.length > 0 || differences.some(({ change }) => change === "unknown") ? 3 : 0;
}

function lineOf({ change, hop, route, place, kind, severity, before, after }: RunDifference): string {
  const counts = [before, after].map((side) => (side === undefined ? "–" : `${side.count} of ${side.of}`)).join(" → ");
  return `${change.padEnd(7)} ${severity.padEnd(6)} ${hop} ${route}: ${kind} at ${place} (${counts})`;
}

function withRun<T>(path: string, use: (summary: RunSummary, run: RunReader) => T): T {
  const run = openRun(path);
  try {
    const summary = run.summary();
    if (summary !== undefined) return use(summary, run);
    throw new OperatorError(`cannot compare ${path}: the run was ended before it had a result; replay again`, {
      exitCode: 3,
    });
  } finally {
    run.close();
  }
}
