import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { OperatorError } from "../../../base/index.js";
import { findRedactionKey, loadRedactionKey } from "../../../tape/index.js";
import { tempFolder } from "../../support/temp.js";

const hexA = "a1".repeat(32);
const hexB = "b2".repeat(32);

test("without a key one is made in the config folder, for its owner alone, and found again", (t) => {
  const configFolder = join(tempFolder(t), "config");
  const made = loadRedactionKey({ configFolder });
  assert.match(made.id, /^[0-9a-f]{16}$/);
  assert.equal(made.bytes.length, 32);
  assert.deepEqual(loadRedactionKey({ configFolder }), made);
  assert.equal(statSync(join(configFolder, "redaction-keys/default.key")).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(configFolder, "redaction-keys")), ["default.key"]);
});

test("processes that start at once agree on the key that is made", async (t) => {
  const configFolder = tempFolder(t);
  const module = pathToFileURL(join(import.meta.dirname, "../../../tape/redaction/key.js")).href;
  const script = `import(${JSON.stringify(module)}).then((m) => console.log(m.loadRedactionKey({ configFolder: ${JSON.stringify(configFolder)} }).id))`;
  const runs = Array.from({ length: 6 }, () => promisify(execFile)(process.execPath, ["-e", script]));
  const ids = new Set((await Promise.all(runs)).map(({ stdout }) => stdout.trim()));
  assert.equal(ids.size, 1);
  assert.match([...ids][0]!, /^[0-9a-f]{16}$/);
});

test("a file is taken before the environment, and that before the folder", (t) => {
  const folder = tempFolder(t);
  const file = join(folder, "my.key");
  writeFileSync(file, `${hexA}\n`);
  const fromFile = loadRedactionKey({ file, env: hexB, configFolder: folder });
  const fromEnv = loadRedactionKey({ env: hexB.toUpperCase(), configFolder: folder });
  assert.equal(Buffer.from(fromFile.bytes).toString("hex"), hexA);
  assert.equal(Buffer.from(fromEnv.bytes).toString("hex"), hexB);
  assert.notEqual(fromFile.id, fromEnv.id);
});

test("who reads a tape finds the key by its id among the keys of the folder", (t) => {
  const configFolder = tempFolder(t);
  mkdirSync(join(configFolder, "redaction-keys"));
  writeFileSync(join(configFolder, "redaction-keys/team.key"), hexA);
  writeFileSync(join(configFolder, "redaction-keys/broken.key"), "nothing");
  const team = loadRedactionKey({ env: hexA, configFolder });
  assert.deepEqual(findRedactionKey({ configFolder, keyId: team.id }), team);
  assert.deepEqual(findRedactionKey({ configFolder, env: hexA, keyId: team.id }), team);
  assert.deepEqual(findRedactionKey({ configFolder, env: hexB, keyId: team.id }), team);
  assert.equal(findRedactionKey({ configFolder, keyId: "0".repeat(16) }), undefined);
  assert.equal(findRedactionKey({ configFolder: join(configFolder, "missing"), keyId: team.id }), undefined);
});

test("a file that is no key, is missing or is a folder: one line that does not tell its content", (t) => {
  const folder = tempFolder(t);
  const file = join(folder, "bad.key");
  writeFileSync(file, `${hexA}00`);
  const refusal = (sources: Parameters<typeof loadRedactionKey>[0], message: RegExp) =>
    assert.throws(
      () => loadRedactionKey(sources),
      (thrown) => {
        assert.ok(thrown instanceof OperatorError);
        assert.match(thrown.message, message);
        assert.doesNotMatch(thrown.message, /a1a1|\n/);
        return true;
      },
    );
  refusal({ file, configFolder: folder }, /bad\.key" holds no key: expected 64 hex digits, saw 66/);
  refusal({ file: join(folder, "none"), configFolder: folder }, /none": no such file/);
  refusal({ file: folder, configFolder: folder }, /EISDIR/);
  refusal({ env: "abc", configFolder: folder }, /TAPELOOP_REDACTION_KEY holds no key/);
  refusal({ configFolder: file }, /cannot (?:make|read) the redaction key.*bad\.key/);
});
