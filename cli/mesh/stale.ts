import type { Command } from "commander";
import { type Cluster, restoreStale, staleEntries } from "../../mesh/index.js";
import type { Io } from "../io.js";
import { flagSetting } from "../settings.js";
import { putBackText } from "./put-back-view.js";

/** For every command that changes a cluster. */
export const staleSettings = { restoreStale: flagSetting.prefault(false) };

export function addStaleOption(command: Command): Command {
  return command.option("--restore-stale", "first put back what a command that died has left behind in the namespace");
}

/** What a command does before its own work: says what dead ones have left behind in its namespace, or puts it back. */
export async function meetStale(
  cluster: Cluster,
  namespace: string,
  settings: { restoreStale: boolean },
  io: Pick<Io, "stderr">,
): Promise<void> {
  if (settings.restoreStale) {
    for (const { what, objects } of await restoreStale(cluster, namespace)) {
      io.stderr.write(`tapeloop: left behind by a command that died: ${what}\n${putBackText(objects)}`);
    }
    return;
  }
  for (const { entry } of await staleEntries(cluster, namespace)) {
    io.stderr.write(
      `tapeloop: note: left behind by a command that died: ${entry.what}, by ${entry.by} at ${entry.at}; put it back with --restore-stale, or with: tapeloop restore -n ${namespace}\n`,
    );
  }
}
