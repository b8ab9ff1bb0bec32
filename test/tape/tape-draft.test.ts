import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openTapeDraft } from "../../tape/tape-draft.js";
import { tempFolder } from "../support/temp.js";

test("a draft becomes the tape when it is finished, and leaves nothing when it is not", (t) => {
  const folder = tempFolder(t);
  const out = join(folder, "tape");
  const draft = openTapeDraft(out, 2, "write");
  for (const number of [1, 2]) writeFileSync(draft.pathFor({ number }), String(number));
  assert.deepEqual(
    readdirSync(folder).filter((name) => !name.startsWith(".")),
    [],
  );
  draft.finish();
  draft.remove();
  assert.deepEqual(readdirSync(out), ["segment-000001.db", "segment-000002.db"]);
  const unfinished = openTapeDraft(join(folder, "other.db"), 1, "write");
  writeFileSync(unfinished.pathFor({ number: 7 }), "7");
  unfinished.remove();
  assert.deepEqual(readdirSync(folder), ["tape"]);
  const file = openTapeDraft(join(folder, "other.db"), 1, "write");
  writeFileSync(file.pathFor({ number: 7 }), "7");
  file.finish();
  file.remove();
  assert.equal(readFileSync(join(folder, "other.db"), "utf8"), "7");
});

test("a place that is taken, in no folder, or one file for several segments is refused", (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, "there"));
  assert.throws(() => openTapeDraft(join(folder, "there"), 1, "write"), /cannot write ".*there": it is there already/);
  assert.throws(() => openTapeDraft(join(folder, "a/b.db"), 1, "write"), /there is no folder/);
  assert.throws(() => openTapeDraft(join(folder, "b.db"), 2, "write"), /2 segments do not go onto one file/);
});
