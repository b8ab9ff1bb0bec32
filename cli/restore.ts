import { Command } from "commander";
import { z } from "zod";
import { defined } from "../base/index.js";
import { type Restored, restore } from "../mesh/index.js";
import type { Io } from "./io.js";
import { addClusterOptions, clusterFor, clusterSettings } from "./mesh/cluster.js";
import { nothingText } from "./mesh/nothing.js";
import { putBackText } from "./mesh/put-back-view.js";
import { flagSetting, readSettings } from "./settings.js";

const restoreSettings = z.strictObject({
  ...clusterSettings,
  all: flagSetting.prefault(false),
  dryRun: flagSetting.prefault(false),
  evenIfAlive: flagSetting.prefault(false),
  json: flagSetting.prefault(false),
});

/** `tapeloop restore`: puts back what any command of ours has changed in a cluster, whatever became of that command. */
export function restoreCommand(io: Io): Command {
  const command = new Command("restore")
    .description("put back all that was changed in a namespace, whoever changed it and however that ended")
    .option("--all", "in all namespaces")
    .option("--dry-run", "say what would be put back, and change nothing")
    .option("--even-if-alive", "put back what a command that is still running holds, too")
    .option("--json", "as JSON");
  return addClusterOptions(command)
    .addHelpText("after", "\nExample:\n  $ tapeloop restore -n shop --dry-run")
    .action(async (_options, asked: Command) => {
      const settings = readSettings(asked, "restore", restoreSettings, io);
      const cluster = await clusterFor("restore", settings, io.env, io.signal);
      const { dryRun, evenIfAlive } = settings;
      const namespace = settings.all ? undefined : (settings.namespace ?? cluster.namespace);
      const done = await restore(cluster, defined({ namespace, dryRun, evenIfAlive }));
      const nothing = done.length > 0 ? "" : await nothingText(cluster, namespace, emptyWords);
      io.stdout.write(settings.json ? `${JSON.stringify(done, null, 2)}\n` : nothing || done.map(entryText).join(""));
    });
}

const emptyWords = "the journal is empty: nothing of ours is in the way";

function entryText({ what, by, at, namespace, alive, objects }: Restored): string {
  const head = `${namespace}: ${what}, by ${by} at ${at}`;
  if (objects !== undefined) return `${head}\n${putBackText(objects).replace(/^/gm, "  ").trimEnd()}\n`;
  return alive
    ? `${head}: its command may be alive; left as it is (--even-if-alive)\n`
    : `${head}: would be put back\n`;
}
