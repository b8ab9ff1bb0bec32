import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { readKeepFile } from "../../../cli/record/keep-file.js";
import { testRecorder } from "../../support/captured.js";
import { tempFolder } from "../../support/temp.js";

function read(t: TestContext, text: string) {
  const path = join(tempFolder(t), "rules.yaml");
  writeFileSync(path, text);
  return readKeepFile(path, testRecorder());
}

test("a file says what the flags say", (t) => {
  const found = read(
    t,
    `# errors, and what checkout does
keep:
  - status = 5xx
  - path ^= /checkout and body:/total > 100
drop: [path = /healthz]
sample: 10%
sampleBy: request-id
maxRate: 500/s
`,
  );
  assert.deepEqual(found, {
    keep: ["status = 5xx", "path ^= /checkout and body:/total > 100"],
    drop: ["path = /healthz"],
    sample: 0.1,
    sampleBy: "request-id",
    maxRate: 500,
  });
  assert.deepEqual(read(t, ""), { keep: [], drop: [] });
});

test("what is wrong is said in one line, with the file and the entry", (t) => {
  const refusals: [string, RegExp][] = [
    ["kep: [status = 5xx]", /rules\.yaml: unknown key "kep" \(did you mean "keep"\?\)$/],
    ["keep: [a = 1]", /rules\.yaml: keep\[0\]: .*at character 1, unknown field "a"/],
    ["drop: [path = /, 'path ~ \"(\"']", /rules\.yaml: drop\[1\]: --drop: .*at character 1, .*no regular expression/],
    ["keep: [{path: /}]", /rules\.yaml: keep\[0\]: .*expected string/],
    ["keep: status = 5xx", /rules\.yaml: keep: .*expected array/],
    ["sample: 110%", /rules\.yaml: sample: must be a share/],
    ["maxRate: fast", /rules\.yaml: maxRate: must be a rate such as 500\/s/],
    ["maxRate: 0/s", /rules\.yaml: maxRate: must be a rate/],
    ["keep: [", /cannot read rules from .*rules\.yaml: /],
  ];
  for (const [text, message] of refusals) {
    assert.throws(
      () => read(t, text),
      (thrown) => {
        assert.ok(thrown instanceof OperatorError);
        assert.match(thrown.message.split("\n")[0]!, message);
        return true;
      },
      text,
    );
  }
  assert.throws(
    () => readKeepFile("/nowhere/rules.yaml", testRecorder()),
    /cannot read rules from \/nowhere\/rules\.yaml/,
  );
});
