import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { renderJson, renderJsonSchema } from "../../report/index.js";
import { bookinfoRun } from "../support/bookinfo-run.js";
import { projectFolder } from "../support/project.js";
import { divergence, runSummary } from "../support/run-summary.js";

test("report.json holds the whole summary, with the names that pipelines gate on", () => {
  const { summary } = bookinfoRun();
  const report = JSON.parse(renderJson(summary)) as typeof summary;
  assert.deepEqual(report, summary);
  const names = ["verdict", "sent", "answered", "compared", "live", "notSent", "order", "latenessMs", "divergences"];
  assert.deepEqual(
    names.filter((name) => !(name in report)),
    [],
  );
  assert.deepEqual(Object.keys(report.latenessMs), ["p50", "p99", "max"]);
  const group = ["route", "place", "kind", "count", "of", "attribution", "examples"];
  assert.deepEqual(
    group.filter((name) => !(name in report.divergences[0]!)),
    [],
  );
});

test("half a character does not make report.json unreadable", () => {
  const text = renderJson(runSummary({ divergences: [divergence({ evidence: "\ud83d\u0000" })] }));
  assert.equal(JSON.parse(Buffer.from(text, "utf8").toString("utf8")).divergences[0].evidence, "\ud83d\u0000");
});

test("the published schema is the one of this version (TAPELOOP_UPDATE=1 writes it)", () => {
  const path = join(projectFolder, "docs/report.schema.json");
  if (process.env.TAPELOOP_UPDATE === "1") writeFileSync(path, renderJsonSchema());
  assert.equal(readFileSync(path, "utf8"), renderJsonSchema());
});

interface Schema {
  type?: string;
  const?: unknown;
  enum?: readonly unknown[];
  properties?: Record<string, Schema>;
  required?: readonly string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
}

/** What a value breaks of a schema: the keywords that ours uses, walked by hand, as another tool would. */
function broken(schema: Schema, value: unknown, at = "$"): string[] {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (schema.enum && !schema.enum.includes(value)) return [`${at} is none of ${schema.enum.join(", ")}`];
  if ("const" in schema && schema.const !== value) return [`${at} is not ${schema.const}`];
  if (schema.type === "object" && !isObject) return [`${at} is no object`];
  if (schema.type === "array" && !Array.isArray(value)) return [`${at} is no array`];
  if (schema.type === "string" && typeof value !== "string") return [`${at} is no string`];
  if (schema.type === "number" && typeof value !== "number") return [`${at} is no number`];
  if (schema.type === "integer" && !Number.isInteger(value)) return [`${at} is no integer`];
  if (Array.isArray(value)) return value.flatMap((item, index) => broken(schema.items ?? {}, item, `${at}/${index}`));
  if (!isObject) return [];
  const fields = Object.entries(value);
  const rest = typeof schema.additionalProperties === "object" ? schema.additionalProperties : {};
  return [
    ...(schema.required ?? []).filter((name) => !(name in value)).map((name) => `${at} lacks ${name}`),
    ...fields.flatMap(([name, field]) => broken(schema.properties?.[name] ?? rest, field, `${at}/${name}`)),
  ];
}

test("summaries keep the published schema, and what breaks it is found", () => {
  const schema = JSON.parse(renderJsonSchema()) as Schema;
  const written = (summary: unknown) => JSON.parse(JSON.stringify(summary));
  assert.deepEqual(broken(schema, written(bookinfoRun().summary)), []);
  assert.deepEqual(broken(schema, written(runSummary())), []);
  assert.deepEqual(broken(schema, written({ ...runSummary(), later: 1 })), [], "later versions may add fields");
  assert.deepEqual(broken(schema, written({ ...runSummary(), sent: "5", verdict: undefined })), [
    "$ lacks verdict",
    "$/sent is no integer",
  ]);
});
