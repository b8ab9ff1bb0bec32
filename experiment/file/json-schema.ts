import { z } from "zod";
import { experimentSchema } from "./schema.js";

/** The text of `docs/experiment.schema.json`: JSON Schema of an experiment file, for editors and pipelines. */
export function experimentJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(experimentSchema, { io: "input" });
  return `${JSON.stringify({ $schema, title: "tapeloop Experiment, v1alpha1", ...schema }, null, 2)}\n`;
}
