import { z } from "zod";
import type { RunSummary } from "../tape/index.js";
import { runSummarySchema } from "./schema.js";

/** `report.json`: the whole summary, two spaces deep, ending in a newline. Halves of surrogate pairs come out escaped. */
export function renderJson(summary: RunSummary): string {
  return `${JSON.stringify(summary, null, 2)}\n`;
}

/** The text of `docs/report.schema.json`: JSON Schema of what {@link renderJson} gives. Unknown fields are allowed. */
export function renderJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(runSummarySchema, { io: "input" });
  return `${JSON.stringify({ $schema, title: "tapeloop report.json, format 1", ...schema }, null, 2)}\n`;
}
