import { Command } from "commander";
import { addExamineOptions } from "./doctor/examine.js";
import { propagationCommand } from "./doctor/propagation.js";
import type { ExitCode, Io } from "./io.js";

/** `tapeloop doctor …`: looks for what stands in the way of recording, replaying and faults. */
export function doctorCommand(io: Io, finish: (code: ExitCode) => void): Command {
  const command = new Command("doctor").description(
    "find out what stands in the way of recording, replaying and faults, in a namespace or in manifests",
  );
  return addExamineOptions(command, io, finish).addCommand(propagationCommand(io, finish));
}
