import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { OperatorError, reasonOf } from "../../base/index.js";
import {
  type Examined,
  examineFiles,
  examineNamespace,
  type FileObject,
  type Finding,
  readManifests,
} from "../../mesh/index.js";
import type { ExitCode, Io } from "../io.js";
import { addClusterOptions, clusterFor, clusterSettings } from "../mesh/cluster.js";
import { flagSetting, readSettings } from "../settings.js";
import { examinedJson, examinedText } from "./examine-view.js";
import { tapeFindings } from "./tape-findings.js";

const examineSettings = z.strictObject({
  ...clusterSettings,
  json: flagSetting.prefault(false),
  tape: z.array(z.string()).optional(),
});

/** `tapeloop doctor -n NS [FILE…]`: 0 no error was found, 1 one was, 3 something could not be looked at. */
export function addExamineOptions(command: Command, io: Io, finish: (code: ExitCode) => void): Command {
  command
    .argument("[file...]", "manifests: looked at as if they were applied in -n, or alone")
    .option("--tape <file...>", "also look at which services of this tape drop their context")
    .option("--json", "as JSON");
  return addClusterOptions(command)
    .addHelpText(
      "after",
      "\nEach finding has an id, explained in docs/doctor.md. Exits with 0 when there is no error, 1 when there is, 3 when something could not be looked at.\n\nExamples:\n  $ tapeloop doctor -n shop\n  $ tapeloop doctor -n shop virtual-service.yaml\n  $ tapeloop doctor manifests/*.yaml",
    )
    .action(async (paths: string[], _options, asked: Command) => {
      const settings = readSettings(asked, "doctor", examineSettings, io);
      const files = paths.flatMap((path) => readManifests(readText(path, io), path));
      const examined = await examinedBy(settings, files, io);
      if (settings.tape !== undefined) examined.findings.push(...(await tapeFindings(settings.tape)));
      io.stdout.write(settings.json ? `${JSON.stringify(examinedJson(examined), null, 2)}\n` : examinedText(examined));
      finish(exitCodeFor(examined.findings));
    });
}

/** Files, without a word of a cluster, are looked at alone. */
async function examinedBy(
  settings: z.output<typeof examineSettings>,
  files: readonly FileObject[],
  io: Io,
): Promise<Examined> {
  const { namespace, context, kubeconfig } = settings;
  const isAlone = files.length > 0 && [namespace, context, kubeconfig].every((one) => one === undefined);
  if (isAlone) return examineFiles(files);
  const cluster = await clusterFor("doctor", settings, io.env);
  return examineNamespace(cluster, namespace ?? cluster.namespace, files);
}

function readText(path: string, io: Io): string {
  try {
    return readFileSync(resolve(io.folder, path), "utf8");
  } catch (cause) {
    throw new OperatorError(`cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function exitCodeFor(findings: readonly Finding[]): ExitCode {
  if (findings.some(({ severity }) => severity === "error")) return 1;
  return findings.some(({ severity }) => severity === "unknown") ? 3 : 0;
}
