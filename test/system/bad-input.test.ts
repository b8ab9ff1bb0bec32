import assert from "node:assert/strict";
import { type StdioOptions, spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openSqlite } from "../../tape/sqlite/sqlite.js";
import { askHttp1 } from "../support/clients.js";
import { type Finished, type Home, mainFile, newHome, tapeloop, tapeloopJson } from "../support/command-line.js";
import { needs } from "../support/real-parts.js";
import { startRecorderProcess } from "../support/recorder-process.js";
import type { ReportJson, TapeStatsJson } from "../support/tape-json.js";
import { startService } from "../support/upstream.js";

/** One line on stderr that says `expected`, exit code 2, and no stack trace. */
function refused({ code, stdout, stderr }: Finished, expected: RegExp): void {
  assert.equal(code, 2, `${stdout}${stderr}`);
  assert.match(stderr, expected);
  assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
  assert.doesNotMatch(stderr, /\n\s+at |a bug of ours/);
}

test("a tape that cannot be read is refused in one line by every command", async (t) => {
  const home = newHome(t);
  const good = await recordedTape(t, home);
  const bad: Record<string, { path: string; says: RegExp }> = {
    missing: { path: join(home.folder, "nowhere.db"), says: /nowhere\.db/ },
    "no SQLite file": { path: textFile(home), says: /notes\.txt/ },
    "another program's SQLite file": { path: foreignDatabase(home), says: /foreign\.db/ },
    "written by a newer tapeloop": { path: newerTape(home, good), says: /newer\.db.*version 999/ },
    "cut off": { path: cutTape(home, good), says: /cut\.db/ },
    "overwritten in the middle": { path: overwrittenTape(home, good), says: /overwritten\.db/ },
    "a link to itself": { path: linkToItself(home), says: /loop\.db.*symbolic links/ },
    "an empty folder": { path: emptyFolder(home), says: /empty/ },
  };
  for (const [title, { path, says }] of Object.entries(bad)) {
    await t.test(title, async () => {
      refused(await tapeloop(t, home, ["tape", "stats", path, "--json"]), says);
      refused(await tapeloop(t, home, ["replay", path, "--target", "http://127.0.0.1:9"]), says);
    });
  }
});

test("output that cannot be written is said in one line, by every command", async (t) => {
  if (!needs(t, "/dev/full", existsSync("/dev/full"), "Linux has it")) return;
  const home = newHome(t);
  const tape = await recordedTape(t, home);
  const full = openSync("/dev/full", "w");
  t.after(() => closeSync(full));
  for (const words of [["--help"], ["tape", "ls", tape], ["tape", "export", tape, "--format", "har"]]) {
    const options = { env: home.env, cwd: home.folder, stdio: ["ignore", full, "pipe"] as StdioOptions };
    const { status, stderr } = spawnSync(process.execPath, [mainFile, ...words], { ...options, encoding: "utf8" });
    assert.deepEqual(
      [status, stderr],
      [2, "tapeloop: cannot write to stdout: ENOSPC: no space left on device, write\n"],
    );
  }
});

test("recording onto a file that is no tape is refused and leaves the file as it was", async (t) => {
  const home = newHome(t);
  for (const path of [textFile(home), foreignDatabase(home), newerTape(home, await recordedTape(t, home))]) {
    const before = readFileSync(path);
    refused(await tapeloop(t, home, ["record", "--listen", "127.0.0.1:0", "--tape", path]), new RegExp(path));
    assert.deepEqual(readFileSync(path), before);
  }
});

test("a port in use is refused in one line, and the tape is left in order", async (t) => {
  const home = newHome(t);
  const tape = await recordedTape(t, home);
  const taken = await takenPort(t);
  refused(
    await tapeloop(t, home, ["record", "--listen", `127.0.0.1:${taken}`, "--tape", tape]),
    new RegExp(`${taken}.*in use`),
  );
  const admin = ["--listen", "127.0.0.1:0", "--admin", `127.0.0.1:${taken}`];
  refused(await tapeloop(t, home, ["record", ...admin, "--tape", tape]), new RegExp(`${taken}.*in use`));
  const stats = await tapeloopJson<TapeStatsJson>(t, home, ["tape", "stats", tape, "--json"]);
  assert.equal(stats.exchanges, 1);
  assert.deepEqual(stats.gaps, []);
});

test("bad flags and settings are refused in one line that names them", async (t) => {
  const home = newHome(t);
  const tape = join(home.folder, "tape.db");
  const record = ["record", "--listen", "127.0.0.1:0", "--tape", tape];
  const replay = ["replay", tape, "--target", "http://127.0.0.1:9"];
  const bad: [words: string[], says: RegExp][] = [
    [["recrod"], /recrod/],
    [["record", "--tape", tape], /--listen/],
    [[...record, "--max-bdy", "1MiB"], /--max-bdy/],
    [[...record, "--max-body", "lots"], /--max-body.*lots|--max-body.*size/],
    [[...record, "--mode", "sideways"], /--mode/],
    [[...record, "--mode", "inbound"], /--upstream/],
    [[...record, "--mode", "inbound", "--upstream", "not a url"], /--upstream/],
    [["record", "--listen", "somewhere", "--tape", tape], /--listen/],
    [["replay", tape], /--target/],
    [[...replay, "--order", "backwards"], /order "backwards"/],
    [[...replay, "--pace", "quick"], /pace/],
    [[...replay, "--min-live", "lots"], /--min-live/],
    [["tape", "show", tape, "first"], /first/],
    [["tape", "ls", await recordedTape(t, home), "--where", "status ="], /status/],
  ];
  for (const [words, says] of bad) {
    await t.test(words.slice(0, 1).concat(words.slice(-2)).join(" "), async () =>
      refused(await tapeloop(t, home, words), says),
    );
  }
  assert.ok(!existsSync(tape), "a refused command made a tape");
});

test("an unknown key in the settings file is refused with the nearest known one", async (t) => {
  const home = newHome(t);
  writeFileSync(join(home.folder, "tapeloop.config.yaml"), "record:\n  maxBdy: 1MiB\n");
  const words = ["record", "--listen", "127.0.0.1:0", "--tape", join(home.folder, "tape.db")];
  refused(await tapeloop(t, home, words), /maxBdy.*maxBody/);
  writeFileSync(join(home.folder, "tapeloop.config.yaml"), "record: [\n");
  refused(await tapeloop(t, home, words), /tapeloop\.config\.yaml/);
});

test("a target that answers nothing is inconclusive: every Step is a failure, and the report is written", async (t) => {
  const home = newHome(t);
  const tape = await recordedTape(t, home);
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const folder = join(home.folder, "report");
  const { code, stderr } = await tapeloop(t, home, ["replay", tape, "--target", nobody, "--report", folder]);
  assert.equal(code, 3, stderr);
  const report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as ReportJson;
  assert.equal(report.verdict, "inconclusive");
  assert.equal(report.sent, 1);
  assert.equal(report.answered, 0);
  assert.equal(report.live, 0);
  for (const name of ["report.html", "junit.xml"]) assert.ok(existsSync(join(folder, name)), name);
});

test("a target beyond this machine is refused unless it is said to be a test", async (t) => {
  const home = newHome(t);
  const tape = await recordedTape(t, home);
  refused(await tapeloop(t, home, ["replay", tape, "--target", "http://192.0.2.1:80"]), /--target-is-a-test/);
});

test("a target that is where the tape was recorded is refused, be it the recorder or the service behind it", async (t) => {
  const home = newHome(t);
  const service = await startService(t);
  const tape = join(home.folder, "inline.db");
  const more = ["--mode", "inbound", "--upstream", service.url];
  const recorder = await startRecorderProcess(t, home, { tape, more });
  await askHttp1(recorder.port, { method: "GET", path: "/echo" });
  await recorder.stop();
  for (const target of [`http://127.0.0.1:${recorder.port}`, service.url]) {
    await t.test(target === service.url ? "the service" : "the recorder", async () => {
      refused(await tapeloop(t, home, ["replay", tape, "--target", target]), /--same-target/);
      assert.equal(service.seen.get("/echo"), 1);
    });
  }
});

test("an upstream that refuses is answered for, and the call is on the tape as a failure", async (t) => {
  const home = newHome(t);
  const tape = join(home.folder, "refused.db");
  const more = ["--mode", "inbound", "--upstream", `http://127.0.0.1:${await freePort()}`];
  const recorder = await startRecorderProcess(t, home, { tape, more });
  const { status } = await askHttp1(recorder.port, { method: "GET", path: "/echo" });
  assert.ok(status === 502 || status === 503, String(status));
  assert.deepEqual(await recorder.stop(), { code: 0, signal: null });
  const stats = await tapeloopJson<TapeStatsJson>(t, home, ["tape", "stats", tape, "--json"]);
  assert.equal(stats.answers.failure, 1);
});

/** A tape with one GET on it, by mirror. */
async function recordedTape(t: TestContext, home: Home): Promise<string> {
  const tape = join(home.folder, "good.db");
  if (existsSync(tape)) return tape;
  const recorder = await startRecorderProcess(t, home, { tape });
  await askHttp1(recorder.port, { method: "GET", path: "/echo" });
  await recorder.stop();
  return tape;
}

function linkToItself(home: Home): string {
  const path = join(home.folder, "loop.db");
  symlinkSync(path, path);
  return path;
}

function textFile(home: Home): string {
  const path = join(home.folder, "notes.txt");
  writeFileSync(path, "remember the milk\n".repeat(100));
  return path;
}

function foreignDatabase(home: Home): string {
  const path = join(home.folder, "foreign.db");
  if (!existsSync(path)) openSqlite(path).exec("create table notes (text); insert into notes values ('milk')").close();
  return path;
}

function newerTape(home: Home, good: string): string {
  const path = copyOf(home, good, "newer.db");
  const database = openSqlite(path);
  database.pragma("user_version = 999");
  database.close();
  return path;
}

function cutTape(home: Home, good: string): string {
  const path = copyOf(home, good, "cut.db");
  truncateSync(path, 5000);
  return path;
}

function overwrittenTape(home: Home, good: string): string {
  const path = copyOf(home, good, "overwritten.db");
  const bytes = readFileSync(path);
  bytes.fill(0xa5, 4096);
  writeFileSync(path, bytes);
  return path;
}

function copyOf(home: Home, good: string, name: string): string {
  const path = join(home.folder, name);
  copyFileSync(good, path);
  return path;
}

function emptyFolder(home: Home): string {
  const path = join(home.folder, "empty");
  mkdirSync(path, { recursive: true });
  return path;
}

async function takenPort(t: TestContext): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return (server.address() as net.AddressInfo).port;
}

/** A port that was free a moment ago: nothing of ours listens there. */
async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
