import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { defined, OperatorError, reasonOf } from "../../base/index.js";
import {
  type ExperimentFile,
  type PreparedExperiment,
  parseExperiment,
  prepareExperiment,
} from "../../experiment/index.js";
import type { Io } from "../io.js";
import { addClusterOptions, clusterSettings } from "../mesh/cluster.js";
import { addTargetTlsOptions, targetTlsOf, targetTlsSettings } from "../replay/tls.js";
import { urlSetting } from "../settings.js";

const many = z.union([z.array(z.string()), z.string().transform((one) => [one])]);

/** Settings of both `experiment run` and `experiment plan`: what of the file is another in each environment. */
export const fileSettings = {
  ...clusterSettings,
  tape: many.prefault([]),
  target: urlSetting.optional(),
  baseline: urlSetting.optional(),
  hops: many.prefault([]),
  prometheus: z.string().optional(),
  redactionKey: z.string().optional(),
  ...targetTlsSettings,
};
type FileSettings = z.output<z.ZodObject<typeof fileSettings>>;

export function addFileOptions(command: Command): Command {
  return addTargetTlsOptions(addClusterOptions(command))
    .argument("<file>", "the experiment, as YAML or JSON")
    .option("--tape <tape...>", "in place of the file's spec.tape")
    .option("--target <url>", "in place of spec.target: where the new version stands")
    .option("--baseline <url>", "in place of spec.baseline: where the old version stands")
    .option("--hops <tape...>", "in place of spec.hops: tapes of recorders inside the targets")
    .option("--prometheus <url>", "in place of spec.prometheus")
    .option("--redaction-key <file>", "the key the tape was recorded with (default: looked up by its id)");
}

/** An experiment with its paths resolved. */
export interface FileAsGiven {
  prepared: PreparedExperiment;
  tapes: string[];
  hops: string[];
}

/** Reads the file, with what flags say in its place. Throws an OperatorError of one line. */
export function readPrepared(file: string, settings: FileSettings, io: Io): FileAsGiven {
  const path = resolve(io.folder, file);
  const folder = dirname(path);
  const experiment = withSettings(parseExperiment(readText(path, file), file), settings);
  const { spec } = experiment;
  const own = (paths: string | string[] | undefined) => [paths ?? []].flat().map((one) => inFolder(folder, one));
  const tapes = settings.tape.length > 0 ? settings.tape.map((one) => inFolder(io.folder, one)) : own(spec.tape);
  if (tapes.length === 0) throw new OperatorError(`${file}: spec.tape: is missing: name a tape there, or with --tape`);
  const hops = settings.hops.length > 0 ? settings.hops.map((one) => inFolder(io.folder, one)) : own(spec.hops);
  const prepared = prepareExperiment(experiment, file, folder);
  const options = { ...prepared.options, ...defined({ tls: targetTlsOf(settings) }) };
  return { prepared: { ...prepared, options }, tapes, hops };
}

/** A folder of segments keeps the slash at its end, by which it is known as one that may have to be made. */
function inFolder(folder: string, path: string): string {
  return path.endsWith("/") ? `${resolve(folder, path)}/` : resolve(folder, path);
}

function withSettings(
  experiment: ExperimentFile,
  { target, baseline, prometheus, namespace }: FileSettings,
): ExperimentFile {
  const { mesh } = experiment.spec;
  const inNamespace = mesh === undefined || namespace === undefined ? {} : { mesh: { ...mesh, namespace } };
  const spec = { ...experiment.spec, ...defined({ target, baseline, prometheus }), ...inNamespace };
  return { ...experiment, spec };
}

function readText(path: string, file: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new OperatorError(`cannot read experiment ${file}: ${reasonOf(cause)}`, { cause });
  }
}
