import { Command } from "commander";
import { propagationCommand } from "./doctor/propagation.js";
import type { ExitCode, Io } from "./io.js";

/** `tapeloop doctor …`: looks for what stands in the way of recording and joining calls. */
export function doctorCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command("doctor")
    .description("find out what keeps calls from being tied together")
    .addCommand(propagationCommand(io, finish));
}
