import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { ExperimentSummary } from "../../report/index.js";
import type { Home } from "./command-line.js";

/** Writes an experiment into a home's folder; gives the words that `experiment run` is started with there. */
export function experimentIn(home: Home, spec: object): string[] {
  const experiment = {
    ...{ apiVersion: "tapeloop.io/v1alpha1", kind: "Experiment", metadata: { name: "trial" } },
    spec: { skipRedacted: true, ...spec },
  };
  writeFileSync(join(home.folder, "experiment.yaml"), stringify(experiment));
  return ["experiment.yaml", "--json", "experiment.json"];
}

/** What the last run there came to. */
export function summaryIn(home: Home): ExperimentSummary {
  return JSON.parse(readFileSync(join(home.folder, "experiment.json"), "utf8")) as ExperimentSummary;
}
