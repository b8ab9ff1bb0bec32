import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import type { Io } from "../../../cli/io.js";
import { carryOptionsOf } from "../../../cli/replay/carry.js";
import { tempFolder } from "../../support/temp.js";

const io = { env: { TOKEN: "live" } } as unknown as Io;
const nothing = { carry: true, credential: [], maxBlocked: 0 };

test("flags go before the file, and each names where a live value comes from", (t) => {
  const file = join(tempFolder(t), "credentials.yaml");
  writeFileSync(file, 'credentials:\n  - {place: "header:*", from: {command: "pass shop", refresh: 10m}}\n');
  const given = { ...nothing, credential: ["header:x-key=env:TOKEN"], credentials: file, maxBlocked: 0.1 };
  assert.deepEqual(carryOptionsOf(given, io), {
    maxBlocked: 0.1,
    carry: {
      links: true,
      credentials: [
        { place: "header:x-key", source: { kind: "value", value: "live" } },
        { place: "header:*", source: { kind: "command", command: "pass shop", refreshMs: 600_000 } },
      ],
    },
  });
  assert.equal(carryOptionsOf({ ...nothing, carry: false }, io).carry?.links, false);
});

test("a file that cannot be read or is no YAML is named, and nothing in it is quoted", (t) => {
  const file = join(tempFolder(t), "credentials.yaml");
  writeFileSync(file, 'credentials: [{place: "s3cret", from: {value: s3cret}');
  for (const path of [file, join(tempFolder(t), "none.yaml")]) {
    assert.throws(
      () => carryOptionsOf({ ...nothing, credentials: path }, io),
      (thrown: unknown) => {
        assert.ok(thrown instanceof OperatorError);
        assert.ok(thrown.message.startsWith(`--credentials ${path}: cannot be read: `));
        assert.ok(!thrown.message.includes("s3cret"));
        return true;
      },
    );
  }
});
