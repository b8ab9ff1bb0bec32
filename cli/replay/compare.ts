import type { Command } from "commander";
import { z } from "zod";
import { defined, OperatorError } from "../../base/index.js";
import { type ReplayOptions, readDescriptors, readKnown, readRulesFile, withFailOn } from "../../replayer/index.js";
import { flagSetting } from "../settings.js";

/** Settings of `replay` about comparing, and about which divergences count. */
export const compareSettings = {
  rules: z.string().min(1).optional(),
  descriptors: z.string().min(1).optional(),
  grpcReflection: flagSetting.optional(),
  known: z.string().min(1).optional(),
  expect: z.string().min(1).optional(),
  failOn: z.enum(["high", "medium", "low"]).optional(),
};
const shape = z.object(compareSettings);
type CompareOptionSettings = z.output<typeof shape>;

export function addCompareOptions(command: Command): Command {
  return command
    .option("--rules <file>", "YAML: what to ignore, tolerate, match, pair by key or take as a set; and thresholds")
    .option("--descriptors <file>", "FileDescriptorSet of gRPC services, as protoc --descriptor_set_out writes it")
    .option("--grpc-reflection", "ask the reference (the baseline, else the target) for them by gRPC server reflection")
    .option("--known <file>", "a report.json, or a list of divergences: those are listed and do not fail the run")
    .option("--expect <file>", "the same, the other way round: the run fails while one of those is still met")
    .option("--fail-on <severity>", "the least severity that fails the run: high, medium or low (default: low)");
}

/** Reads the files. Throws an OperatorError that names the file and the entry. */
export function compareOptionsOf(
  settings: CompareOptionSettings,
): Pick<ReplayOptions, "comparing" | "gate" | "grpcReflection"> {
  if (settings.grpcReflection && settings.descriptors !== undefined)
    throw new OperatorError(
      "--grpc-reflection and --descriptors both say where descriptors come from: give one of them",
    );
  const file = settings.rules === undefined ? undefined : readRulesFile(settings.rules);
  return {
    ...(settings.grpcReflection ? { grpcReflection: true } : {}),
    comparing: defined({
      rules: file?.rules,
      descriptors: settings.descriptors === undefined ? undefined : readDescriptors(settings.descriptors),
    }),
    gate: defined({
      thresholds: withFailOn(file?.thresholds, settings.failOn),
      known: settings.known === undefined ? undefined : readKnown(settings.known),
      expectGone: settings.expect === undefined ? undefined : readKnown(settings.expect),
    }),
  };
}
