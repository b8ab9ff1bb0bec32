import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { compareOptionsOf } from "../../../cli/replay/compare.js";
import { tempFolder } from "../../support/temp.js";

test("without options nothing is hidden and everything counts", () => {
  assert.deepEqual(compareOptionsOf({}), { comparing: {}, gate: {} });
});

test("a severity given as a flag goes before the one in the file, whose allowances stay", (t) => {
  const rules = join(tempFolder(t), "rules.yaml");
  writeFileSync(
    rules,
    "rules: [{ ignore: body:/a }]\nthresholds: { failOn: low, allow: [{ severity: low, count: 2 }] }\n",
  );
  const { comparing, gate } = compareOptionsOf({ rules, failOn: "high" });
  assert.deepEqual(
    comparing?.rules?.map(({ text }) => text),
    ["body:/a is not compared"],
  );
  assert.deepEqual(gate?.thresholds, { failOn: "high", allow: [{ severity: "low", count: 2 }] });
});
