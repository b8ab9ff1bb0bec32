import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { recordCommand } from "../../cli/record.js";
import { replayCommand } from "../../cli/replay.js";
import { metricsText } from "../../recorder/admin/metrics.js";
import { parseWhere } from "../../tape/index.js";
import { fakeIo } from "../support/io.js";
import { projectFolder } from "../support/project.js";
import { noVitals } from "../support/vitals.js";

const page = (name: string) => readFileSync(join(projectFolder, name), "utf8");

test("every field that docs/where.md lists is known", () => {
  const rows = page("docs/where.md")
    .split("\n")
    .filter((line) => line.startsWith("| `") && !/^\| `(?:[=<^~]|like)/.test(line));
  const fields = rows.flatMap((line) => [...line.split("|")[1]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!));
  assert.ok(fields.length > 30, `${fields.length} fields`);
  const values: Record<string, string> = {
    ...{ id: "1", status: "200", duration: "1s", started: "2026-01-31T12:00:00Z", sample: "10%" },
    ...{ "body.bytes": "1KiB", "answer.body.bytes": "1KiB" },
  };
  for (const field of fields) parseWhere(`${field} = ${values[field] ?? "x"}`);
});

test("every flag of record and replay stands in its page", () => {
  const pages = { record: page("docs/recording.md"), replay: page("docs/replaying.md") };
  for (const command of [recordCommand(fakeIo()), replayCommand(fakeIo(), () => {})]) {
    const text = pages[command.name() as keyof typeof pages];
    for (const option of command.options)
      assert.ok(text.includes(`\`${option.long}`), `${command.name()} ${option.long}`);
  }
});

test("every metric of a recorder stands in its page", () => {
  const text = page("docs/recording.md");
  const names = [...metricsText(noVitals).matchAll(/^# TYPE tapeloop_recorder_(\w+)/gm)].map((match) => match[1]!);
  assert.ok(names.length > 15, `${names.length} metrics`);
  for (const name of names) assert.match(text, new RegExp(`\`(?:tapeloop_recorder|…)_${name}\``), name);
});

test("relative links between pages lead somewhere", () => {
  const pages = [
    "README.md",
    "CONTRIBUTING.md",
    ...readdirSync(join(projectFolder, "docs"))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`),
  ];
  for (const name of pages) {
    for (const [, link] of page(name).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      assert.doesNotThrow(() => readFileSync(join(projectFolder, name, "..", link!)), `${name} links to ${link}`);
    }
  }
});
