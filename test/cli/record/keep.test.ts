import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { keepOptionsOf, keepSettings, tapeLimitsOf } from "../../../cli/record/keep.js";
import { runCommandLine } from "../../../cli/run.js";
import { testRecorder } from "../../support/captured.js";
import { fakeIo } from "../../support/io.js";
import { tempFolder } from "../../support/temp.js";

const recorder = testRecorder();
const settings = (given: object) => z.object(keepSettings).parse(given);
const limits = (tape: string, given: object = {}) =>
  tapeLimitsOf({ ...settings(given), tape, segmentSize: 256 * 2 ** 20 });

test("without a word about it all is kept", () => {
  assert.equal(keepOptionsOf(settings({}), recorder), undefined);
});

test("rules of the file and of flags count together; of what can be said once the flag counts", (t) => {
  const path = join(tempFolder(t), "rules.yaml");
  writeFileSync(path, "keep: [status = 5xx]\nsample: 10%\nsampleBy: request-id\nmaxRate: 5/s\n");
  const given = { keepFile: path, keep: ["method = POST"], drop: "path = /healthz", sample: "50%" };
  assert.deepEqual(keepOptionsOf(settings(given), recorder), {
    recorder,
    rules: { keep: ["status = 5xx", "method = POST"], drop: ["path = /healthz"] },
    sample: { share: 0.5, by: "request-id" },
    mostCallsPerSecond: 5,
  });
  assert.deepEqual(keepOptionsOf(settings({ sample: 0.1 }), recorder), {
    recorder,
    sample: { share: 0.1, by: "trace" },
  });
});

test("segments of a folder live for seven days unless said otherwise; a file has none", (t) => {
  const folder = join(tempFolder(t), "tape");
  const dayMs = 86_400_000;
  const segmentBytes = 256 * 2 ** 20;
  assert.deepEqual(limits(folder), { retentionMs: 7 * dayMs, segmentBytes });
  assert.deepEqual(limits(folder, { retention: "2d" }), { retentionMs: 2 * dayMs, segmentBytes });
  assert.deepEqual(limits(folder, { retention: "none" }), { segmentBytes });
  assert.deepEqual(limits(`${folder}.db`), { segmentBytes });
});

test("a bound on the tape makes its segments small enough to be deleted by", (t) => {
  const folder = join(tempFolder(t), "tape");
  assert.equal(limits(folder, { maxTapeSize: "100MiB" }).segmentBytes, 25 * 2 ** 20);
  assert.equal(limits(folder, { maxTapeSize: "10GiB" }).segmentBytes, 256 * 2 ** 20);
});

test("what cannot be is refused in one line, before a tape is made", async (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, ".config"));
  const env = { HOME: folder, XDG_CONFIG_HOME: join(folder, ".config") };
  const refusals: [string[], RegExp][] = [
    [["--keep", "status = 5xx"], /--keep "status = 5xx": "status" is never known to a mirror/],
    [["--drop", "pth = /"], /--drop: .*unknown field "pth" \(did you mean "path"\?\)/],
    [["--keep", "id = 1"], /"id" is given by the tape/],
    [["--sample", "many"], /--sample: must be a share/],
    [["--sample-by", "luck"], /--sample-by/],
    [["--max-rate", "-5/s"], /--max-rate: must be a rate/],
    [["--max-tape-size", "1KiB"], /--max-tape-size: must be at least 1MiB/],
    [["--max-tape-size", "1GiB"], /--max-tape-size deletes whole segments, and --tape .*one\.db is one file/],
    [["--retention", "1d"], /--retention deletes whole segments/],
  ];
  for (const [flags, message] of refusals) {
    const io = fakeIo({ folder, env });
    const words = ["record", "--listen", "127.0.0.1:0", "--tape", join(folder, "one.db"), ...flags];
    assert.equal(await runCommandLine(words, io), 2, flags.join(" "));
    assert.match(io.err(), message);
    assert.equal(io.err().trimEnd().split("\n").length, 1);
  }
});
