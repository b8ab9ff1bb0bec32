import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findingIds } from "../../mesh/doctor/ids.js";
import { projectFolder } from "../support/project.js";

const page = readFileSync(join(projectFolder, "docs/doctor.md"), "utf8");

test("docs/doctor.md has a section for each finding, in order, each under the words that the code has for it", () => {
  const sections = [...page.matchAll(/^### (TL\d{4}) (.+)$/gm)].map(([, id, words]) => [id, words]);
  assert.deepEqual(sections, Object.entries(findingIds));
  for (const section of page.split(/^### /m).slice(1))
    assert.ok(section.split("\n").slice(1).join("").length > 20, section);
});

test("every id of a finding that stands anywhere in the code is known, and every known one is used", () => {
  const files = ["mesh", "cli"].flatMap((folder) =>
    readdirSync(join(projectFolder, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith("doctor/ids.ts"))
      .map((name) => readFileSync(join(projectFolder, folder, name), "utf8")),
  );
  const used = new Set(files.flatMap((text) => text.match(/"TL\d{4}"/g) ?? []).map((id) => id.slice(1, -1)));
  assert.deepEqual([...used].sort(), Object.keys(findingIds).sort());
});

test("no id is written down twice", () => {
  const source = readFileSync(join(projectFolder, "mesh/doctor/ids.ts"), "utf8");
  const written = source.match(/^ {2}TL\d{4}/gm) ?? [];
  assert.equal(new Set(written).size, written.length);
  assert.equal(written.length, Object.keys(findingIds).length);
});
