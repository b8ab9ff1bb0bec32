import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { prepareFolder } from "../../../cli/demo/folder.js";
import { tempFolder } from "../../support/temp.js";

test("a new folder holds a key that only its owner reads", (t) => {
  const here = tempFolder(t);
  const folder = prepareFolder("out", here);
  assert.match(readFileSync(join(here, folder.key), "utf8"), /^[0-9a-f]{64}\n$/);
  assert.equal(folder.tape, "out/tape/");
});

test("what an earlier demo left is removed, what others put there is kept", (t) => {
  const here = tempFolder(t);
  const folder = prepareFolder("out", here);
  const key = readFileSync(join(here, folder.key), "utf8");
  mkdirSync(join(here, folder.tape));
  writeFileSync(join(here, "out/notes.txt"), "mine");
  prepareFolder("out", here);
  assert.deepEqual([existsSync(join(here, folder.tape)), existsSync(join(here, "out/notes.txt"))], [false, true]);
  assert.notEqual(readFileSync(join(here, folder.key), "utf8"), key);
});

test("a folder that holds other things, or is none, is refused and left as it is", (t) => {
  const here = tempFolder(t);
  mkdirSync(join(here, "out/tape"), { recursive: true });
  writeFileSync(join(here, "file"), "");
  assert.throws(
    () => prepareFolder("out", here),
    (thrown) => thrown instanceof OperatorError && /out holds other things/.test(thrown.message),
  );
  assert.ok(existsSync(join(here, "out/tape")));
  assert.throws(() => prepareFolder("file/out", here), /cannot make the demo's folder file\/out/);
});
