import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { OperatorError } from "../../base/index.js";
import { renderHtml, renderJson, renderJunit, writeReports } from "../../report/index.js";
import { createRun, openRun } from "../../tape/index.js";
import { bookinfoRun } from "../support/bookinfo-run.js";
import { tempFolder } from "../support/temp.js";

test("the three reports are written into a folder that need not exist, and nothing beside them", (t) => {
  const folder = join(tempFolder(t), "deep", "out");
  const { summary, run } = bookinfoRun();
  const written = writeReports(folder, summary, run);
  assert.deepEqual(readdirSync(folder).sort(), ["junit.xml", "report.html", "report.json"]);
  assert.equal(readFileSync(written.html, "utf8"), renderHtml(summary, run));
  assert.equal(readFileSync(written.json, "utf8"), renderJson(summary));
  assert.equal(readFileSync(written.junit, "utf8"), renderJunit(summary, run));
});

test("a run file gives the same reports as the run it was made from", async (t) => {
  const { summary, run, steps, outcomes } = bookinfoRun();
  const path = join(tempFolder(t), "run.db");
  const { run: id, tapeloop, startedAt, tape, lanes } = summary;
  const keyId = "0123456789abcdef";
  const writer = createRun(path, { run: id, tapeloop, startedAt, tapePaths: tape.paths, keyId, lanes });
  writer.steps(steps);
  writer.outcomes(outcomes);
  await writer.finish(summary);
  await writer.close();
  const kept = openRun(path);
  t.after(() => kept.close());
  const folder = tempFolder(t);
  writeReports(folder, kept.summary()!, kept);
  assert.equal(readFileSync(join(folder, "report.html"), "utf8"), renderHtml(summary, run));
  assert.equal(readFileSync(join(folder, "report.json"), "utf8"), renderJson(summary));
  assert.equal(readFileSync(join(folder, "junit.xml"), "utf8"), renderJunit(summary, run));
});

test("reports of an earlier run are replaced", (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, "report.json"), "old");
  const { summary, run } = bookinfoRun();
  writeReports(folder, summary, run);
  assert.equal(readFileSync(join(folder, "report.json"), "utf8"), renderJson(summary));
});

test("a folder that cannot be written is one line of what, where and why", (t) => {
  const file = join(tempFolder(t), "file");
  writeFileSync(file, "in the way");
  const { summary, run } = bookinfoRun();
  assert.throws(
    () => writeReports(join(file, "out"), summary, run),
    (thrown) =>
      thrown instanceof OperatorError &&
      /^cannot write reports into ".*out": .*ENOTDIR.*--report$/.test(thrown.message),
  );
});

test("a report that cannot take its place leaves no draft behind", (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, "junit.xml", "full"), { recursive: true });
  const { summary, run } = bookinfoRun();
  assert.throws(() => writeReports(folder, summary, run), OperatorError);
  assert.deepEqual(readdirSync(folder).sort(), ["junit.xml", "report.json"]);
  assert.ok(existsSync(join(folder, "junit.xml", "full")));
});
