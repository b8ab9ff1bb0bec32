export { experimentJsonSchema } from "./file/json-schema.js";
export { parseExperiment } from "./file/parse.js";
export type { ExperimentFile } from "./file/schema.js";
export { type ExperimentPlan, planExperiment } from "./plan/plan.js";
export { type PreparedExperiment, prepareExperiment, switchOf } from "./prepare/prepare.js";
export type { ExperimentEnv } from "./run/conduct.js";
export { runExperiment } from "./run/run.js";
