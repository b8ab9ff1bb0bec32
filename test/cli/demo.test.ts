import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startChild } from "../support/child.js";
import { mainFile, newHome, tapeloop } from "../support/command-line.js";
import { until } from "../support/until.js";

/** Processes whose command line contains a text, by what Linux shows of them; empty on other systems. */
function processesWith(text: string): string[] {
  if (!existsSync("/proc/self/cmdline")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandLineOf(pid))
    .filter((line) => line.includes(text));
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

test("the demo finds exactly what was seeded, with and without faults, and leaves its reports", async (t) => {
  const home = newHome(t);
  const out = join(home.folder, "out");
  const { code, stdout, stderr } = await tapeloop(t, home, ["demo", "--out", out]);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /\nFound exactly what was seeded, twice\.\n/);
  assert.match(stdout, /\n {2}\$ tapeloop record --mode mirror /);
  for (const report of ["report", "report-with-faults"]) {
    assert.match(stdout, new RegExp(`\n  ${out}/${report}/report\\.html\n`));
    for (const name of ["report.html", "report.json", "junit.xml"])
      assert.ok(existsSync(join(out, report, name)), name);
  }
  assert.deepEqual(processesWith(out), []);
});

test("an interrupted demo ends with 130 and leaves no process behind", async (t) => {
  const home = newHome(t);
  const out = join(home.folder, "out");
  const demo = startChild(t, process.execPath, [mainFile, "demo", "--out", out], { env: home.env, cwd: home.folder });
  const early = demo.ended.then(() => assert.fail(`it ended by itself: ${demo.stderr}`));
  await Promise.race([early, until("an inbound recorder", () => demo.stdout.includes("--mode inbound"))]);
  early.catch(() => {});
  assert.deepEqual(await demo.end("SIGTERM"), { code: 130, signal: null });
  assert.equal(demo.stderr, "");
  assert.deepEqual(processesWith(out), []);
});

test("a folder that holds other things is refused in one line", async (t) => {
  const home = newHome(t);
  mkdirSync(join(home.folder, "out"));
  writeFileSync(join(home.folder, "out/mine.txt"), "");
  const { code, stdout, stderr } = await tapeloop(t, home, ["demo", "--out", "out"]);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.equal(stderr, "tapeloop: the demo's folder out holds other things; give another with --out\n");
});
