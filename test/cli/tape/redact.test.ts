import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCommandLine } from "../../../cli/run.js";
import { openTapeWriter } from "../../../tape/index.js";
import { batchOf, callPart, capturedRequest, testKey, testRecorder } from "../../support/captured.js";
import { fakeIo } from "../../support/io.js";
import { tempFolder } from "../../support/temp.js";

const keyHex = Buffer.from(testKey.bytes).toString("hex");

async function scene(t: TestContext) {
  const folder = tempFolder(t);
  const tape = join(folder, "old.db");
  const writer = await openTapeWriter({ path: tape, recorder: testRecorder(), key: testKey });
  const headers = ["content-type", "application/json"];
  await writer.append(batchOf(callPart(1, { request: capturedRequest({ text: '{"ref":"INT-4711"}', headers }) })));
  await writer.close();
  writeFileSync(join(folder, "rules.yaml"), "names: [ref]\n");
  const run = async (
    words: readonly string[],
    env: Record<string, string> = { TAPELOOP_REDACTION_KEY: keyHex },
    isTTY = false,
  ) => {
    const err: string[] = [];
    const stderr = { write: (text: string) => err.push(text), isTTY };
    const io = fakeIo({ folder, env: { XDG_CONFIG_HOME: folder, ...env }, stderr });
    const code = await runCommandLine(["tape", "redact", tape, ...words], io);
    return { code, out: io.out(), err: err.join("") };
  };
  return { folder, run };
}

test("a dry run counts by rule and place and shows no secret; then the new tape is written", async (t) => {
  const { folder, run } = await scene(t);
  const dry = await run(["--dry-run", "--rules", "rules.yaml"]);
  assert.deepEqual(dry, { code: 0, out: "1 of 1 Exchanges would be changed\n  1 × name ref at body:/ref\n", err: "" });
  const out = join(folder, "new.db");
  const done = await run(["--out", out, "--rules", "rules.yaml", "--json"], undefined, true);
  assert.equal(done.code, 0, done.err);
  assert.deepEqual(JSON.parse(done.out).found, [{ rule: "name ref", place: "body:/ref", count: 1 }]);
  assert.match(done.err, /1 of 1 Exchanges/);
  const again = await run(["--out", out, "--rules", "rules.yaml"]);
  assert.equal(again.code, 2);
  assert.match(again.err, /^tapeloop: cannot redact onto ".*new\.db": it is there already; .*\n$/);
});

test("without the tape's key it says what to do, and goes on with a fresh one only when told", async (t) => {
  const { folder, run } = await scene(t);
  const lost = await run(["--out", join(folder, "a.db"), "--rules", "rules.yaml"], {});
  assert.equal(lost.code, 2);
  assert.match(lost.err, /its redaction key [0-9a-f]{16} is not at hand; .*--redaction-key FILE.*--fresh-key/);
  assert.equal((await run(["--out", join(folder, "a.db"), "--rules", "rules.yaml", "--fresh-key"], {})).code, 0);
});

test("bad flags and bad rules are one line and exit 2", async (t) => {
  const { folder, run } = await scene(t);
  writeFileSync(join(folder, "bad.yaml"), "patterns:\n  - name: a\n    regex: '(['\n");
  for (const [words, complaint] of [
    [[], /--out with|--out, or look first with --dry-run/],
    [["--dry-run", "--rules", "missing.yaml"], /cannot read missing\.yaml: /],
    [["--dry-run", "--rules", "bad.yaml"], /bad\.yaml: line 3: patterns\[0\]\.regex: is no regular expression/],
    [["--dry-run", "--unreadable", "keep"], /--unreadable/],
  ] as const) {
    const { code, err } = await run(words);
    assert.equal(code, 2, err);
    assert.match(err, complaint);
    assert.equal(err.split("\n").length, 2, err);
  }
});
