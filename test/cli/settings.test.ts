import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Command } from "commander";
import { z } from "zod";
import { OperatorError } from "../../base/index.js";
import { keepSettings } from "../../cli/record/keep.js";
import {
  addressSetting,
  bytesSetting,
  countSetting,
  durationSetting,
  flagSetting,
  idsSetting,
  readSettings,
  shareSetting,
  urlSetting,
} from "../../cli/settings.js";
import { fakeIo } from "../support/io.js";
import { tempFolder } from "../support/temp.js";

const schema = z.strictObject({
  maxBody: bytesSetting.prefault("1MiB"),
  mode: z.enum(["mirror", "inbound"]).optional(),
});

function commandWith(...words: string[]): Command {
  const command = new Command("record").option("--max-body <size>").option("--mode <mode>");
  return command.parse(words, { from: "user" });
}

function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (thrown) {
    assert.ok(thrown instanceof OperatorError, String(thrown));
    assert.equal(thrown.exitCode, 2);
    return thrown.message;
  }
  return assert.fail("accepted");
}

test("what a setting must be is said where it is one of several things, and so is the variable it came from", () => {
  const shape = z.strictObject({
    id: idsSetting.optional(),
    limit: countSetting.optional(),
    retention: keepSettings.retention,
    carry: flagSetting.prefault(true),
  });
  const asked = (words: string[], env: Record<string, string> = {}) => {
    const command = new Command("replay")
      .option("--id <id...>")
      .option("--limit <n>")
      .option("--retention <duration>")
      .option("--no-carry");
    return readSettings(command.parse(words, { from: "user" }), "replay", shape, fakeIo({ env }));
  };
  assert.deepEqual(asked(["--id", "1", "2", "--limit", "3", "--retention", "none"]), {
    ...{ id: [1, 2], limit: 3, retention: "none", carry: true },
  });
  const cases: [string[], Record<string, string>, RegExp][] = [
    [["--id", "1,2"], {}, /^replay: --id: must be ids with spaces between them, such as 17 42 \(got \["1,2"\]\)$/],
    [["--limit", "0"], {}, /^replay: --limit: must be a whole number from 1 on \(got "0"\)$/],
    [["--limit", "many"], {}, /^replay: --limit: must be a whole number from 1 on \(got "many"\)$/],
    [["--retention", "7"], {}, /^replay: --retention: must be a duration such as .* \(got "7"\)$/],
    [[], { TAPELOOP_CARRY: "maybe" }, /^replay: TAPELOOP_CARRY: must be true or false \(got "maybe"\)$/],
    [[], { TAPELOOP_ID: "0" }, /^replay: TAPELOOP_ID: must be /],
  ];
  for (const [words, env, said] of cases)
    assert.match(
      refusalOf(() => asked(words, env)),
      said,
    );
});

test("flags win over the environment, the environment over the file, the file over defaults", (t) => {
  const folder = tempFolder(t);
  assert.equal(readSettings(commandWith(), "record", schema, fakeIo({ folder })).maxBody, 1_048_576);
  writeFileSync(join(folder, "tapeloop.config.yaml"), "record: {maxBody: 2KiB, mode: inbound}\n");
  assert.deepEqual(readSettings(commandWith(), "record", schema, fakeIo({ folder })), {
    maxBody: 2048,
    mode: "inbound",
  });
  const env = { TAPELOOP_MAX_BODY: "3KiB" };
  assert.equal(readSettings(commandWith(), "record", schema, fakeIo({ folder, env })).maxBody, 3072);
  const flagged = readSettings(commandWith("--max-body", "4KiB"), "record", schema, fakeIo({ folder, env }));
  assert.deepEqual(flagged, { maxBody: 4096, mode: "inbound" });
  assert.ok(Object.isFrozen(flagged));
});

test("what a command cannot do without may come from any of the places, and is asked for where it is in none", (t) => {
  const folder = tempFolder(t);
  const needing = schema.extend({ tape: z.string() });
  const read = (words: string[], env: Record<string, string> = {}) => {
    const command = new Command("record").option("--tape <path>", "a file or a folder").parse(words, { from: "user" });
    return readSettings(command, "record", needing, fakeIo({ folder, env })).tape;
  };
  assert.equal(
    refusalOf(() => read([])),
    "record: --tape <path> is needed (a file or a folder); it may also be TAPELOOP_TAPE, or tape under record in tapeloop.config.yaml",
  );
  assert.equal(read(["--tape", "a.db"]), "a.db");
  assert.equal(read([], { TAPELOOP_TAPE: "b.db" }), "b.db");
  writeFileSync(join(folder, "tapeloop.config.yaml"), "record: {tape: c.db}\n");
  assert.equal(read([]), "c.db");
});

test("a wrong value is refused by its flag's name and the value seen", (t) => {
  const folder = tempFolder(t);
  assert.equal(
    refusalOf(() => readSettings(commandWith("--max-body", "much"), "record", schema, fakeIo({ folder }))),
    'record: --max-body: must be a size such as 64KiB, 1MB or 1048576 (got "much")',
  );
});

test("unknown sections and keys of the file are refused with the nearest known one", (t) => {
  const folder = tempFolder(t);
  const file = join(folder, "tapeloop.config.json");
  const read = () => readSettings(commandWith(), "record", schema, fakeIo({ folder }));
  writeFileSync(file, '{"recrd": {}}');
  assert.equal(refusalOf(read), 'tapeloop.config.json: unknown key "recrd" (did you mean "record"?)');
  writeFileSync(file, '{"record": {"maxBdy": "1KiB"}}');
  assert.equal(refusalOf(read), 'tapeloop.config.json: unknown key "record.maxBdy" (did you mean "maxBody"?)');
  writeFileSync(file, "{");
  assert.match(refusalOf(read), /^cannot read settings from tapeloop\.config\.json: /);
});

test("values have the shapes that users write", () => {
  const accepted: [z.ZodType, unknown, unknown][] = [
    [bytesSetting, "1MiB", 1_048_576],
    [bytesSetting, 17, 17],
    [durationSetting, "1.5s", 1500],
    [flagSetting, "1", true],
    [flagSetting, false, false],
    [addressSetting, "[::1]:80", "[::1]:80"],
    [urlSetting, "http://127.0.0.1:9080", "http://127.0.0.1:9080"],
    [shareSetting, "90%", 0.9],
    [shareSetting, "0.5", 0.5],
  ];
  for (const [setting, text, value] of accepted) assert.deepEqual(setting.parse(text), value);
  const refused: [z.ZodType, unknown][] = [
    [durationSetting, "50"],
    [addressSetting, "8080"],
    [urlSetting, "ftp://x"],
    [urlSetting, "http://x/path"],
    [shareSetting, "150%"],
    [flagSetting, "yes"],
  ];
  for (const [setting, text] of refused) assert.equal(setting.safeParse(text).success, false, String(text));
});
