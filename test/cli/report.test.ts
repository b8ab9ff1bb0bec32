import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCommandLine } from "../../cli/run.js";
import { fakeIo } from "../support/io.js";
import { writeLargeRun } from "../support/large-run.js";
import { tempFolder } from "../support/temp.js";
import { until } from "../support/until.js";

async function runFile(t: TestContext): Promise<string> {
  const path = join(tempFolder(t), "run.db");
  await writeLargeRun(path, { steps: 40, groups: 20, faults: true });
  return path;
}

test("each format is printed, and the text is one screen unless all of it is asked for", async (t) => {
  const path = await runFile(t);
  const printed = async (...words: string[]) => {
    const io = fakeIo();
    assert.equal(await runCommandLine(["report", path, ...words], io), 0, io.err());
    return io.out();
  };
  const screen = await printed();
  assert.match(screen, /^Diverged: /);
  assert.ok(screen.split("\n").length < 50);
  const full = await printed("--full");
  assert.match(full, /^Histogram, from sent/m);
  assert.doesNotMatch(screen, /Histogram/);
  assert.match(await printed("--format", "github"), /^## ❌ tapeloop: diverged/);
  assert.match(await printed("--format", "junit"), /^<\?xml /);
  assert.match(await printed("--format", "html"), /^<!doctype html>/);
  assert.equal(JSON.parse(await printed("--format", "json")).verdict, "diverged");
});

test("--serve says where, serves until it is asked to end, and writes the files too when asked", async (t) => {
  const path = await runFile(t);
  const out = join(tempFolder(t), "out");
  const ending = new AbortController();
  t.after(() => ending.abort());
  const io = fakeIo({ signal: ending.signal });
  const ended = runCommandLine(["report", path, "--serve", "--out", out], io);
  await until("the address it is served at", () => io.out().endsWith("/\n"));
  const url = io.out().trim();
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  assert.match(await (await fetch(`${url}exchanges?group=1`)).text(), /Exchanges that differ/);
  assert.ok(existsSync(join(out, "report.html")));
  ending.abort();
  assert.equal(await ended, 0);
  await assert.rejects(fetch(url), "nothing listens any more");
});

test("an address that is none, or not of this machine, ends with 2 and one line", async (t) => {
  const path = await runFile(t);
  for (const [address, said] of [
    ["nowhere", /cannot serve the report on "nowhere": write HOST:PORT/],
    ["127.0.0.1:70000", /write HOST:PORT/],
    ["0.0.0.0:0", /on this machine alone/],
  ] as const) {
    const io = fakeIo();
    assert.equal(await runCommandLine(["report", path, "--serve", address], io), 2, address);
    assert.match(io.err(), said);
    assert.equal(io.err().trim().split("\n").length, 1);
  }
});
