import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openSqlite, packageFor } from "../../../tape/sqlite/sqlite.js";
import { newHome, tapeloop } from "../../support/command-line.js";
import { tempFolder } from "../../support/temp.js";

test("the version is the one that holds on a Node, and it opens files and bytes", (t) => {
  // Node 20.20 and 22.13 have Node-API 9, 22.14 has 10, 26 has more.
  assert.deepEqual([9, 10, 11].map(packageFor), ["better-sqlite3-12", "better-sqlite3", "better-sqlite3"]);
  const path = join(tempFolder(t), "a.db");
  openSqlite(path).exec("CREATE TABLE t (x); INSERT INTO t VALUES (7)").close();
  const db = openSqlite(path, { readonly: true });
  assert.equal(db.prepare("SELECT x FROM t").pluck().get(), 7);
  const copy = openSqlite(db.serialize());
  assert.equal(copy.prepare("SELECT x FROM t").pluck().get(), 7);
  copy.close();
  db.close();
});

test("where it cannot be loaded, one line says what to do, and what needs no tape works", async (t) => {
  const home = newHome(t);
  const preload = join(home.folder, "without-sqlite.cjs");
  writeFileSync(
    preload,
    `const Module = require("node:module");
    const load = Module._load;
    Module._load = (name, ...rest) => {
      if (/^better-sqlite3/.test(name)) throw new Error("Cannot find module '" + name + "'\\nRequire stack: …");
      return load(name, ...rest);
    };`,
  );
  home.env.NODE_OPTIONS = `--require ${preload}`;
  const { code, stderr } = await tapeloop(t, home, ["tape", "stats", preload]);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /cannot load SQLite \(better-sqlite3(-12)?\) on Node \d.*Cannot find module.*npm rebuild/);
  assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
  assert.equal((await tapeloop(t, home, ["--version"])).code, 0);
});
