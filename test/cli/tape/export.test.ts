import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { runCommandLine } from "../../../cli/run.js";
import { fakeIo } from "../../support/io.js";
import { projectFolder } from "../../support/project.js";
import { namesIn } from "../../support/pulling.js";
import { tempFolder } from "../../support/temp.js";

const chrome = join(projectFolder, "test/fixtures/har/chrome.har");

async function run(config: string, words: readonly string[]) {
  const io = fakeIo({ env: { XDG_CONFIG_HOME: config } });
  const code = await runCommandLine(["tape", ...words], io);
  return { code, out: io.out(), err: io.err() };
}

async function importedTape(t: TestContext): Promise<{ folder: string; config: string; tape: string }> {
  const [folder, config] = [tempFolder(t), tempFolder(t)];
  const tape = join(folder, "tape.db");
  assert.equal((await run(config, ["import", chrome, "--tape", tape])).code, 0);
  return { folder, config, tape };
}

test("a HAR on stdout comes back as the same tape, with the key from the config folder", async (t) => {
  const { folder, config, tape } = await importedTape(t);
  const { code, out, err } = await run(config, ["export", tape, "--format", "har"]);
  assert.deepEqual([code, err], [0, ""]);
  assert.equal(JSON.parse(out).log.entries.length, 6);
  assert.equal((await run(config, ["export", tape, "--format", "har", "-o", join(folder, "a.har.gz")])).out, "");
  assert.equal(gunzipSync(readFileSync(join(folder, "a.har.gz"))).toString("utf8"), out);
  const back = await run(config, ["import", join(folder, "a.har.gz"), "--tape", join(folder, "b.db"), "--json"]);
  assert.deepEqual([JSON.parse(back.out).kept, JSON.parse(back.out).unsealed], [6, 0]);
});

test("a file that is there already, such as the tape itself, is not replaced", async (t) => {
  const { folder, config, tape } = await importedTape(t);
  const before = readFileSync(tape);
  const { code, out, err } = await run(config, ["export", tape, "--format", "har", "-o", tape]);
  assert.deepEqual([code, out], [2, ""]);
  assert.equal(err, `tapeloop: cannot export to ${tape}: it is there already; name a new file\n`);
  assert.deepEqual(readFileSync(tape), before);
  assert.deepEqual(readdirSync(folder), ["tape.db"], "no draft is left");
});

test("what a tape holds already is not imported onto it again", async (t) => {
  const { folder, config } = await importedTape(t);
  const tape = join(folder, "tape/");
  assert.equal((await run(config, ["import", chrome, "--tape", tape])).code, 0);
  const before = (await run(config, ["stats", tape, "--json"])).out;
  const two = join(folder, "two.har");
  await run(config, ["export", tape, "--format", "har", "--limit", "2", "-o", two]);
  const har = join(folder, "all.har");
  await run(config, ["export", tape, "--format", "har", "-o", har]);
  const { code, out } = await run(config, ["import", har, "--tape", tape]);
  assert.deepEqual(
    [code, out],
    [0, `0 Exchanges imported onto ${tape}\n  6 left out: on this tape already, under the recorder that saw them\n`],
  );
  assert.equal((await run(config, ["stats", tape, "--json"])).out, before);
  // What is lacking comes in, and no more than that.
  const other = join(folder, "other/");
  await run(config, ["import", two, "--tape", other]);
  const more = JSON.parse((await run(config, ["import", har, "--tape", other, "--json"])).out);
  assert.deepEqual([more.kept, more.present], [4, 2]);
  assert.equal(JSON.parse((await run(config, ["stats", other, "--json"])).out).exchanges, 6);
});

test("without the tape's key it is said that entries are not sealed", async (t) => {
  const { tape } = await importedTape(t);
  const { code, err } = await run(tempFolder(t), ["export", tape, "--format", "har"]);
  assert.equal(code, 0);
  assert.match(err, /^tapeloop: the tape's redaction key is not at hand: entries are not sealed/);
});

test("what a .gor file cannot say is said on stderr", async (t) => {
  const { folder, config, tape } = await importedTape(t);
  const { err } = await run(config, ["export", tape, "--format", "gor", "-o", join(folder, "a.gor")]);
  assert.match(err, /^tapeloop: 1 Exchanges failed: written as a request without a response$/m);
  assert.match(err, /^tapeloop: 1 Exchanges with WebSocket messages: written as the handshake alone$/m);
  assert.match(readFileSync(join(folder, "a.gor"), "utf8"), /^1 [0-9a-f]{24} 1772442900120000000 \d+\nGET /);
});

test("curl commands of what is selected", async (t) => {
  const { config, tape } = await importedTape(t);
  const { out } = await run(config, ["export", tape, "--format", "curl", "--where", "path = /api/login"]);
  const [comment, command, ...more] = out.trimEnd().split("\n");
  assert.match(comment!, /^# \d+: pseudonyms, not the secrets themselves, at body:\/password$/);
  assert.match(command!, /^curl -sSi --http2 .*https:\/\/shop\.example\.com\/api\/login$/);
  assert.deepEqual(more, []);
  assert.ok(!out.includes("correct-horse-9"));
});

test("a place that cannot be written, and an unknown format, end with 2 and leave nothing", async (t) => {
  const { folder, config, tape } = await importedTape(t);
  const nowhere = await run(config, ["export", tape, "--format", "har", "-o", join(folder, "no", "a.har")]);
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.err, /^tapeloop: cannot export to .*no\/a\.har: ENOENT.*\n$/);
  assert.equal((await run(config, ["export", tape, "--format", "pcap"])).code, 2);
  assert.deepEqual(namesIn(folder), ["tape.db"]);
});
