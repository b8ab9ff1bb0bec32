import { Command } from "commander";
import { z } from "zod";
import { inDuration } from "../../base/index.js";
import { type ExperimentPlan, planExperiment } from "../../experiment/index.js";
import type { Io } from "../io.js";
import { inRunFolder } from "../run-folder.js";
import { readSettings } from "../settings.js";
import { inExperimentEnv } from "./in-env.js";
import { addFileOptions, fileSettings, readPrepared } from "./prepared.js";

const planSettings = z.strictObject(fileSettings);

/** `tapeloop experiment plan FILE`: what a run would change and send; nothing is. */
export function planCommand(io: Io): Command {
  return addFileOptions(
    new Command("plan").description("say what an experiment would change, as a diff, and change nothing"),
  )
    .addHelpText("after", "\nExample:\n  $ tapeloop experiment plan ratings-down.yaml")
    .action(async (file: string, _options, asked: Command) => {
      const settings = readSettings(asked, "experiment", planSettings, io);
      const given = readPrepared(file, settings, io);
      const plan = await inRunFolder(undefined, (folder) =>
        inExperimentEnv(given, { folder, settings, io }, (env) => planExperiment(given.prepared, env)),
      );
      io.stdout.write(planText(plan));
    });
}

function planText({ changes, faults, lanes, thresholds, forecast, warnings }: ExperimentPlan): string {
  const { steps, longestChain, estimatedMs } = forecast;
  return [
    ...changes.flatMap(({ object, lines }) => [object, ...lines.map((line) => `  ${line}`), ""]),
    ...(changes.length === 0 ? ["nothing would be changed in a cluster", ""] : []),
    ...faults.map(({ name, what }) => `fault ${name} ${what}`),
    `${steps} Steps to ${lanes.join(", ")}; longest chain ${longestChain}, about ${inDuration(estimatedMs)}`,
    ...thresholds.map(
      ({ name, rule, reads }) => `threshold ${name}: ${rule}${reads === undefined ? "" : `; now: ${reads}`}`,
    ),
    ...warnings.map((warning) => `note: ${warning}`),
    "",
  ].join("\n");
}
