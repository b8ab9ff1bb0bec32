import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Command } from "commander";
import { addRedactionOptions, redactionOf } from "../../../cli/record/redaction.js";
import { fakeIo } from "../../support/io.js";
import { tempFolder } from "../../support/temp.js";

test("without a flag nothing is asked for beside what is done unasked", () => {
  assert.equal(redactionOf({}, fakeIo({})), undefined);
  assert.equal(redactionOf({ unreadable: "drop" }, fakeIo({})), undefined);
});

test("both files are read from where the command runs, and put together", (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, "rules.yaml"), "off: [personal]\n");
  writeFileSync(join(folder, "keep.yaml"), "keep: [body:/status]\n");
  const io = fakeIo({ folder });
  assert.deepEqual(redactionOf({ redactionRules: "rules.yaml", keepOnly: "keep.yaml", unreadable: "flag" }, io), {
    off: ["personal"],
    keepOnly: ["body:/status"],
    unreadable: "flag",
  });
  assert.throws(() => redactionOf({ keepOnly: "no.yaml" }, io), /cannot read no\.yaml: /);
});

test("each setting has its option", () => {
  const options = addRedactionOptions(new Command()).options.map((option) => option.attributeName());
  assert.deepEqual(options, ["redactionRules", "keepOnly", "unreadable"]);
});
