import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { tapePlace } from "../../tape/tape-path.js";
import { tempFolder } from "../support/temp.js";

test("what a tape's path stands for is seen from what is there, else from how it is written", (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, "dir.db"));
  writeFileSync(join(folder, "plain"), "");
  const kinds = ["dir.db", "plain", "new.db", "new.tape", "new", "new.db/", ".hidden"].map(
    (name) => tapePlace(`${folder}/${name}`).kind,
  );
  assert.deepEqual(kinds, ["folder", "file", "file", "file", "folder", "folder", "folder"]);
});
