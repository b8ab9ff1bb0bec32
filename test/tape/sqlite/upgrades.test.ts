import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { segmentKind } from "../../../tape/sqlite/format.js";
import { openSqlite } from "../../../tape/sqlite/sqlite.js";
import { type UpgradeStep, upgradedForReading, upgradeSteps } from "../../../tape/sqlite/upgrades.js";
import { tempFolder } from "../../support/temp.js";

const steps: readonly UpgradeStep[] = [
  { from: 1, apply: (db) => void db.exec("ALTER TABLE t ADD COLUMN b DEFAULT 'from one'") },
  { from: 2, apply: (db) => void db.exec("UPDATE t SET b = b || ', from two'") },
];

test("an older file is upgraded step by step in memory and stays as it is on disk", (t) => {
  const path = join(tempFolder(t), "old.db");
  const writer = openSqlite(path);
  writer.pragma("journal_mode = WAL");
  writer.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  const kind = { ...segmentKind, formatVersion: 3 };
  const upgraded = upgradedForReading(openSqlite(path, { readonly: true }), path, kind, 1, steps);
  assert.deepEqual(upgraded.prepare("SELECT * FROM t").all(), [{ a: 1, b: "from one, from two" }]);
  assert.throws(() => upgraded.exec("DELETE FROM t"), /readonly/);
  assert.deepEqual(writer.prepare("SELECT * FROM t").all(), [{ a: 1 }]);
  upgraded.close();
  writer.close();
});

test("a version that no step begins at is refused, one that is current is taken as it is", () => {
  const db = openSqlite(":memory:");
  const kind = { ...segmentKind, formatVersion: 3 };
  assert.equal(upgradedForReading(db, "x.db", kind, 3, steps), db);
  assert.throws(() => upgradedForReading(db, "x.db", kind, 0, steps), {
    name: "TapeError",
    message: 'cannot open tape "x.db": format version 0, this tapeloop reads 1 to 3',
  });
  db.close();
});

test("there is a step for every version that is past", () => {
  assert.deepEqual(
    upgradeSteps.tape!.map(({ from }) => from),
    Array.from({ length: segmentKind.formatVersion - 1 }, (_, at) => at + 1),
  );
});
