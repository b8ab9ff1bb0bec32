import { Command } from "commander";
import { experimentJsonSchema } from "../experiment/index.js";
import { planCommand } from "./experiment/plan.js";
import { runCommand } from "./experiment/run.js";
import type { ExitCode, Io } from "./io.js";

/** `tapeloop experiment`: a replay under faults, watched by thresholds, always put back. */
export function experimentCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command("experiment")
    .description("replay a tape under faults while thresholds are watched, and put everything back")
    .addCommand(runCommand(io, finish))
    .addCommand(planCommand(io))
    .addCommand(schemaCommand(io));
}

function schemaCommand(io: Io): Command {
  return new Command("schema")
    .description("print the JSON schema of an experiment file, for editors")
    .addHelpText("after", "\nExample:\n  $ tapeloop experiment schema > experiment.schema.json")
    .action(() => void io.stdout.write(experimentJsonSchema()));
}
