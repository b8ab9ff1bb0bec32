import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCommandLine } from "../../../cli/run.js";
import { openTape } from "../../../tape/index.js";
import { fakeIo } from "../../support/io.js";
import { projectFolder } from "../../support/project.js";
import { tempFolder } from "../../support/temp.js";

const chrome = join(projectFolder, "test/fixtures/har/chrome.har");

async function run(t: TestContext, words: readonly string[], isTTY = false) {
  const folder = tempFolder(t);
  const err: string[] = [];
  const io = fakeIo({ env: { XDG_CONFIG_HOME: folder }, stderr: { write: (text: string) => err.push(text), isTTY } });
  const code = await runCommandLine(["tape", "import", ...words], io);
  return { code, out: io.out(), err: err.join("") };
}

test("an import says what it kept, what it left out and why", async (t) => {
  const tape = join(tempFolder(t), "tape");
  const { code, out, err } = await run(t, [chrome, "--tape", tape]);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^6 Exchanges imported onto .*tape\n/);
  assert.match(out, /\n {2}1 left out: answered by a cache, never sent\n/);
  assert.match(out, /\n {2}1 without a body that the file says there was/);
});

test("--json says the same, and --where decides", async (t) => {
  const tape = join(tempFolder(t), "tape.db");
  const { out } = await run(t, [chrome, "--tape", tape, "--json", "--where", "answer = failure"]);
  const { kept, deselected, paths, interrupted } = JSON.parse(out);
  assert.deepEqual([kept, deselected, paths, interrupted], [1, 5, [tape], false]);
});

test("a file that breaks off ends with 2 and one line, and with --partial what came before is kept", async (t) => {
  const folder = tempFolder(t);
  const cut = join(folder, "cut.har");
  writeFileSync(cut, readFileSync(chrome).subarray(0, 6000));
  const whole = await run(t, [cut, "--tape", join(folder, "a.db")]);
  assert.equal(whole.code, 2);
  assert.match(
    whole.err,
    /^tapeloop: cannot import ".*cut\.har": it ends in the middle, after \d entries, at byte 6000\n$/,
  );
  assert.ok(!existsSync(join(folder, "a.db")));
  const partial = await run(t, [cut, "--tape", join(folder, "b.db"), "--partial"]);
  assert.deepEqual([partial.code, partial.err], [2, whole.err]);
  const reader = await openTape([join(folder, "b.db")]);
  assert.ok((await reader.stats()).exchanges > 0);
  await reader.close();
});

test("--redaction-rules and --keep-only are read before anything is imported", async (t) => {
  const folder = tempFolder(t);
  const [rules, tape] = [join(folder, "rules.yaml"), join(folder, "a.db")];
  writeFileSync(rules, "names: [user]\n");
  const { code } = await run(t, [chrome, "--tape", tape, "--redaction-rules", rules]);
  assert.equal(code, 0);
  const reader = await openTape([tape]);
  const redacted: string[] = [];
  for await (const exchange of reader.read()) redacted.push(...exchange.redacted.request);
  await reader.close();
  assert.ok(redacted.includes("body:/user") && redacted.includes("body:/password"), redacted.join());
  writeFileSync(rules, "keep: [no-such-place]\n");
  const refused = await run(t, [chrome, "--tape", join(folder, "b.db"), "--keep-only", rules]);
  assert.equal(refused.code, 2);
  assert.match(refused.err, /rules\.yaml: line 1: keep\[0\]: must be a place/);
  assert.ok(!existsSync(join(folder, "b.db")));
});

test("a terminal is shown how far it is; a pipe is not", async (t) => {
  const { err } = await run(t, [chrome, "--tape", join(tempFolder(t), "a.db")], true);
  assert.match(err, /chrome\.har {2}\[#{20}\] {2}100% {2}\d.* of .*\/s {2}\d+ calls/);
  assert.ok(err.endsWith("\r\x1b[2K"), "and the line is cleared at the end");
});
