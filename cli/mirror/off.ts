import { Command } from "commander";
import { z } from "zod";
import { OperatorError } from "../../base/index.js";
import { mirrorOff } from "../../mesh/index.js";
import type { Io } from "../io.js";
import { addClusterOptions, clusterFor, clusterSettings } from "../mesh/cluster.js";
import { putBackText } from "../mesh/put-back-view.js";
import { flagSetting, readSettings } from "../settings.js";

const offSettings = z.strictObject({ ...clusterSettings, all: flagSetting.prefault(false) });

/** `tapeloop mirror off`: what `mirror on` has changed is put back, read back and compared. */
export function mirrorOffCommand(io: Io): Command {
  const command = new Command("off")
    .description("put back what mirror on has changed")
    .argument("[service]", "name of the Service")
    .option("--all", "every mirror of the namespace that the journal knows");
  return addClusterOptions(command)
    .addHelpText("after", "\nExample:\n  $ tapeloop mirror off reviews -n shop")
    .action(async (service: string | undefined, _options, asked: Command) => {
      const settings = readSettings(asked, "mirror", offSettings, io);
      if ((service === undefined) !== settings.all)
        throw new OperatorError("mirror off: name a service, or give --all");
      const cluster = clusterFor("mirror off", settings, io.env);
      const done = await mirrorOff(cluster, settings.namespace ?? cluster.namespace, service);
      io.stdout.write(
        done.length === 0 ? "the journal knows of no such mirror; nothing was changed\n" : putBackText(done),
      );
    });
}
