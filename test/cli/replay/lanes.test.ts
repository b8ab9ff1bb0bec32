import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Command } from "commander";
import { z } from "zod";
import { OperatorError } from "../../../base/index.js";
import { addLaneOptions, laneOptionsOf, laneSettings, targetHosts } from "../../../cli/replay/lanes.js";
import { tempFolder } from "../../support/temp.js";

const shape = z.strictObject(laneSettings);

function ioIn(folder: string) {
  const said: string[] = [];
  return {
    said,
    ...{ stdout: { write: () => true }, stderr: { write: (text: string) => said.push(text) > 0 } },
    ...{ env: { PATH: process.env.PATH }, folder, signal: new AbortController().signal },
  };
}

function optionsOf(t: TestContext, words: readonly string[]) {
  const folder = tempFolder(t);
  mkdirSync(join(folder, "faults"));
  writeFileSync(join(folder, "faults/plan.yaml"), 'faults: [{ name: cut, mark: "feed0001" }]');
  const command = addLaneOptions(new Command())
    .exitOverride()
    .parse(["node", "replay", ...words]);
  return laneOptionsOf(shape.parse(command.opts()), ioIn(folder));
}

test("lanes by hand are read with their version and plan, each plan once", (t) => {
  const plan = "faults/plan.yaml";
  const { lanes } = optionsOf(t, [
    ...["--lane", `now=http://127.0.0.1:2,version=old,faults=${plan}`],
    ...["--lane", `next=http://127.0.0.1:3,faults=${plan}`],
  ]);
  assert.deepEqual(
    lanes!.map(({ name, target, version, faults }) => [name, target, version, faults?.file]),
    [
      ["now", "http://127.0.0.1:2", "old", plan],
      ["next", "http://127.0.0.1:3", "new", plan],
    ],
  );
  assert.equal(lanes![0]!.faults, lanes![1]!.faults);
});

test("the hosts of all lanes are known, for whom a target must be a test", () => {
  const settings = shape.parse({ target: "http://a:1", baseline: "http://b:1", lane: "x=http://c:1,version=old" });
  assert.deepEqual(targetHosts(settings), ["a", "b", "c"]);
});

const refusals: [string[], RegExp][] = [
  [["--lane", "next"], /--lane "next": it has no name=URL/],
  [["--lane", "next=ftp://x"], /"ftp:\/\/x" must be a URL/],
  [["--lane", "next=http://127.0.0.1:1,version=newest"], /"version=newest" is neither/],
  [["--lane", "next=http://127.0.0.1:1,faults=none.yaml"], /cannot read faults from none\.yaml/],
  [["--faults", "none.yaml"], /cannot read faults from none\.yaml/],
  [["--aa", "--target", "http://127.0.0.1:1"], /--aa sends the baseline everything twice/],
  [["--lane", "now=http://127.0.0.1:1,version=old"], /no lane holds the new version/],
  [["--reset-command", "true"], /give it with --lanes sequential/],
];

for (const [words, message] of refusals) {
  test(`refused: ${words.join(" ")}`, (t) => {
    assert.throws(
      () => optionsOf(t, words),
      (error) => error instanceof OperatorError && message.test(error.message),
    );
  });
}

test("the reset of sequential lanes is the operator's command", async (t) => {
  const words = ["--target", "http://127.0.0.1:1", "--lanes", "sequential", "--reset-command", "exit 4"];
  await assert.rejects(optionsOf(t, words).sequence!.reset!("next"), /exit code 4/);
});
