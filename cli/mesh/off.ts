import { Command } from "commander";
import { z } from "zod";
import { OperatorError } from "../../base/index.js";
import { type Cluster, type PutBack, subjectsOf } from "../../mesh/index.js";
import type { Io } from "../io.js";
import { flagSetting, readSettings } from "../settings.js";
import { addClusterOptions, clusterFor, clusterSettings } from "./cluster.js";
import { nothingText } from "./nothing.js";
import { putBackText } from "./put-back-view.js";

const offSettings = z.strictObject({ ...clusterSettings, all: flagSetting.prefault(false) });

/** What differs between the commands that take something off again. */
interface Off {
  /** Of which command, and how the journal's entries are called. */
  of: "mirror" | "fault";
  /** What the argument names. */
  service: string;
  example: string;
  /** Of all services without one. */
  putBack(cluster: Cluster, namespace: string, service: string | undefined): Promise<readonly PutBack[]>;
}

/** `mirror off`, `fault off`: what `on` has changed is put back, read back and compared. */
export function offCommand({ of, service: named, example, putBack }: Off, io: Io): Command {
  const command = new Command("off")
    .description(`put back what ${of} on has changed`)
    .argument("[service]", named)
    .option("--all", `every ${of} of the namespace that the journal knows`);
  return addClusterOptions(command)
    .addHelpText("after", `\nExample:\n  $ tapeloop ${of} off ${example}`)
    .action(async (service: string | undefined, _options, asked: Command) => {
      const settings = readSettings(asked, of, offSettings, io);
      if ((service === undefined) !== settings.all) throw new OperatorError(`${of} off: name a service, or give --all`);
      const cluster = await clusterFor(`${of} off`, settings, io.env);
      const namespace = settings.namespace ?? cluster.namespace;
      const done = await putBack(cluster, namespace, service);
      io.stdout.write(done.length > 0 ? putBackText(done) : await nothingPutBack(cluster, namespace, of));
    });
}

async function nothingPutBack(cluster: Cluster, namespace: string, of: Off["of"]): Promise<string> {
  const others = await subjectsOf(cluster, namespace, of);
  const known = others.length === 0 ? "" : ` (of ${of}s it knows those of ${others.join(", ")})`;
  return nothingText(cluster, namespace, `the journal knows of no such ${of}${known}; nothing was changed`);
}
