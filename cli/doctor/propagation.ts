import { Command } from "commander";
import { z } from "zod";
import { openTape, readPropagation, readTrees, type ServicePassing } from "../../tape/index.js";
import type { ExitCode, Io } from "../io.js";
import { flagSetting, readSettings } from "../settings.js";
import { propagationJson, propagationText } from "./propagation-view.js";

const doctorSettings = z.strictObject({ json: flagSetting.prefault(false) });

/** `tapeloop doctor propagation`: 0 nothing is dropped, 1 something is, 3 the tape cannot tell. */
export function propagationCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command("propagation")
    .description("name the services that do not pass on the trace context, with evidence from a tape")
    .argument("<tape...>", "files or folders")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      "\nExits with 0 when all passed on what they were given, 1 when some did not, 3 when the tape cannot tell.\n\nExample:\n  $ tapeloop doctor propagation tape/",
    )
    .action(async (paths: string[], _options, command: Command) => {
      const settings = readSettings(command, "doctor", doctorSettings, io);
      // `doctor` itself has an option of this name, and takes it wherever it stands.
      const json = settings.json || command.parent?.opts().json === true;
      const tape = await openTape(paths);
      try {
        const services = await readPropagation(readTrees(tape), tape);
        io.stdout.write(json ? `${JSON.stringify(propagationJson(services), null, 2)}\n` : propagationText(services));
        finish(exitCodeFor(services));
      } finally {
        await tape.close();
      }
    });
}

/** No service that was called made a call: nothing on the tape says what it would have passed on. */
function exitCodeFor(services: readonly ServicePassing[]): ExitCode {
  if (services.some(({ fields, untied }) => untied.count > 0 || fields.some(({ dropped }) => dropped > 0))) return 1;
  return services.some(({ fields }) => fields.length > 0) ? 0 : 3;
}
