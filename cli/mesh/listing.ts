import type { Command } from "commander";
import type { z } from "zod";
import type { Cluster } from "../../mesh/index.js";
import { flagSetting } from "../settings.js";
import { addClusterOptions, clusterSettings } from "./cluster.js";

/** Of a command that lists what is there in a namespace, or in all. */
export const listingSettings = {
  ...clusterSettings,
  all: flagSetting.prefault(false),
  json: flagSetting.prefault(false),
};

export function addListingOptions(command: Command): Command {
  return addClusterOptions(command.option("--all", "in all namespaces").option("--json", "as JSON"));
}

/** Undefined for all. */
export function namespaceListed(
  { all, namespace }: z.output<z.ZodObject<typeof listingSettings>>,
  cluster: Cluster,
): string | undefined {
  return all ? undefined : (namespace ?? cluster.namespace);
}
