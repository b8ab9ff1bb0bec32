import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { withSelectFile } from "../../../cli/replay/select.js";
import { fakeIo } from "../../support/io.js";
import { tempFolder } from "../../support/temp.js";

test("a file of ids narrows the selection; comments are passed over", (t) => {
  const folder = tempFolder(t);
  const io = fakeIo({ folder });
  const write = (text: string) => writeFileSync(join(folder, "ids.txt"), text);
  write("# 2 of 9 calls\n17  # GET /a 200\n\n100000002\r\n");
  assert.deepEqual(withSelectFile({ text: "all" }, "ids.txt", io), {
    text: "2 ids of ids.txt",
    ids: [17, 100_000_002],
  });
  assert.equal(withSelectFile({ text: "entry", entry: true }, "ids.txt", io).text, "entry; 2 ids of ids.txt");
  assert.deepEqual(withSelectFile({ text: "all" }, undefined, io), { text: "all" });
  assert.throws(() => withSelectFile({ text: "id 1", ids: [1] }, "ids.txt", io), /--select: cannot go with --id/);
  for (const [text, said] of [
    ["17 18\n", /"17 18" is no id/],
    ["-1\n", /"-1" is no id/],
    ["# none\n", /it lists none/],
  ] as const) {
    write(text);
    assert.throws(() => withSelectFile({ text: "all" }, "ids.txt", io), said);
  }
  assert.throws(() => withSelectFile({ text: "all" }, "no.txt", io), /cannot read ids from no\.txt: .*ENOENT/);
});
