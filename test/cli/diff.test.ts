import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseRules } from "../../replayer/compare/rules/rules-file.js";
import type { RunSummary } from "../../tape/index.js";
import { type Home, newHome, tapeloop } from "../support/command-line.js";
import { startRecorderProcess } from "../support/recorder-process.js";

interface Item {
  id: string;
  name: string;
  tags: string[];
}

/** A service that answers as it is told to. */
async function startItems(t: TestContext, answer: () => Item): Promise<string> {
  const server = http.createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer()));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function uuid(digit: number): string {
  return `${String(digit).repeat(8)}-1111-4222-8333-444455556666`;
}

const old: Item = { id: uuid(1), name: "chair", tags: ["a", "b"] };

/** A tape of three calls to the old version. */
async function recorded(t: TestContext): Promise<Home> {
  const home = newHome(t);
  const more = ["--mode", "inbound", "--upstream", await startItems(t, () => old), "--service", "items"];
  const recorder = await startRecorderProcess(t, home, { tape: "tape/", more });
  for (let at = 0; at < 3; at++) await (await fetch(`http://127.0.0.1:${recorder.port}/item`)).arrayBuffer();
  await recorder.stop();
  return home;
}

async function replayed(t: TestContext, home: Home, target: string, report: string, ...more: string[]) {
  const words = ["replay", "tape/", "--target", target, "--report", report, "--json", ...more];
  const { code, stdout, stderr } = await tapeloop(t, home, words);
  assert.ok(stdout.startsWith("{"), stderr);
  return { code, summary: JSON.parse(stdout) as RunSummary };
}

test("rules, known and expected divergences, and two runs beside each other, from the command line", async (t) => {
  const home = await recorded(t);
  let now: Item = { id: uuid(2), name: "stool", tags: ["b", "a"] };
  const target = await startItems(t, () => now);
  const file = (name: string, text: string) => writeFileSync(join(home.folder, name), text);

  const plain = await replayed(t, home, target, "one");
  assert.equal(plain.code, 1);
  assert.deepEqual(plain.summary.divergences.map(({ place }) => place).sort(), [
    "body:/id",
    "body:/name",
    "body:/tags",
  ]);

  const suggested = await tapeloop(t, home, ["diff", "one/run.db", "--suggest"]);
  assert.equal(suggested.code, 0, suggested.stderr);
  const { rules } = parseRules(suggested.stdout, "suggested");
  assert.deepEqual(
    rules.map(({ kind, address }) => `${kind} ${address.text}`),
    ["match body:/id"],
  );
  assert.match(suggested.stdout, /over-broad/);
  assert.match(suggested.stdout, /order-ambiguous/);

  file(
    "rules.yaml",
    `${suggested.stdout.replace(/^#.*$/gm, "")}  - unordered: body:/tags\n  - ignore: body:/nowhere\n`,
  );
  const ruled = await replayed(t, home, target, "two", "--rules", "rules.yaml");
  assert.equal(ruled.code, 1);
  assert.deepEqual(
    ruled.summary.divergences.map(({ place }) => place),
    ["body:/name"],
  );
  assert.deepEqual(
    ruled.summary.rules?.map(({ rule, hid, unused }) => [rule, hid, unused]),
    [
      ["match", 3, false],
      ["unordered", 3, false],
      ["ignore", 0, true],
    ],
  );
  assert.ok(ruled.summary.warnings.some((warning) => /body:\/nowhere.*matches nothing/.test(warning)));

  const known = await replayed(t, home, target, "three", "--rules", "rules.yaml", "--known", "two/report.json");
  assert.equal(known.code, 0);
  assert.deepEqual(
    known.summary.known?.map(({ place, met }) => [place, met]),
    [["body:/name", true]],
  );
  assert.equal((await replayed(t, home, target, "four", "--rules", "rules.yaml", "--fail-on", "high")).code, 0);
  assert.equal(
    (await replayed(t, home, target, "five", "--rules", "rules.yaml", "--expect", "two/report.json")).code,
    1,
  );

  now = { ...now, name: "chair" };
  const fixed = await replayed(t, home, target, "six", "--rules", "rules.yaml", "--expect", "two/report.json");
  assert.equal(fixed.code, 0);
  assert.match(fixed.summary.reasons.join(), /1 expected divergence is gone/);
  const missed = await replayed(t, home, target, "seven", "--rules", "rules.yaml", "--known", "two/report.json");
  assert.ok(missed.summary.warnings.some((warning) => /no longer met.*body:\/name/.test(warning)));

  const gone = await tapeloop(t, home, ["diff", "two/run.db", "six/run.db"]);
  assert.equal(gone.code, 0);
  assert.match(gone.stdout, /^gone .*body:\/name \(3 of 3 → –\)/m);
  const news = await tapeloop(t, home, ["diff", "six/run.db", "two/run.db", "--json"]);
  assert.equal(news.code, 1);
  assert.deepEqual(
    (JSON.parse(news.stdout) as { differences: { change: string }[] }).differences.map(({ change }) => change),
    ["new"],
  );

  const text = await tapeloop(t, home, ["report", "two/run.db", "--full"]);
  assert.match(text.stdout, /match body:\/id may be any uuid.*hid 3 differences/s);
  assert.match(readFileSync(join(home.folder, "two", "report.json"), "utf8"), /"unused": ?true/);
});

test("what is wrong with the words or the files ends with 2 and one line", async (t) => {
  const home = newHome(t);
  writeFileSync(join(home.folder, "rules.yaml"), "rules: [{ ignore: body:/a }, { match: body:/a, class: uuid }]\n");
  writeFileSync(join(home.folder, "broken.pb"), "no descriptors");
  const target = ["replay", "tape/", "--target", "http://127.0.0.1:1"];
  for (const [words, pattern] of [
    [["diff", "one.db"], /takes two run files/],
    [["diff", "a.db", "b.db", "--suggest"], /takes one run file/],
    [["diff", "a.db", "b.db"], /a\.db/],
    [[...target, "--rules", "rules.yaml"], /is not looked at/],
    [[...target, "--rules", "nowhere.yaml"], /nowhere\.yaml/],
    [[...target, "--descriptors", "broken.pb"], /cannot read descriptors/],
    [[...target, "--known", "rules.yaml"], /rules\.yaml/],
    [[...target, "--fail-on", "fatal"], /--fail-on/],
  ] as const) {
    const { code, stderr } = await tapeloop(t, home, words);
    assert.equal(code, 2, stderr);
    assert.match(stderr, pattern);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
  }
});
