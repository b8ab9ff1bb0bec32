import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SegmentDraft } from "../../../tape/index.js";
import { namesIn } from "../../support/pulling.js";
import { tempFolder } from "../../support/temp.js";

const id = "0123456789abcdef";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test("a draft grows over several openings, and becomes a segment in one step", async (t) => {
  const folder = join(tempFolder(t), "new");
  const first = SegmentDraft.open(folder, id)!;
  first.append(Buffer.from("one "));
  first.leave();
  const second = SegmentDraft.open(folder, id)!;
  assert.equal(second.bytes, 4);
  second.append(Buffer.from("two"));
  assert.equal(await second.hash(), sha256("one two"));
  assert.ok(!namesIn(folder).some((name) => name.startsWith("segment")));
  const path = second.finish(7);
  assert.equal(path, join(folder, "segment-000007.db"));
  assert.equal(readFileSync(path, "utf8"), "one two");
  assert.equal(statSync(path).mode & 0o222, 0);
  assert.deepEqual(namesIn(folder), ["segment-000007.db"]);
});

test("a number that is taken is never written over", (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, "segment-000003.db"), "mine");
  const draft = SegmentDraft.open(folder, id)!;
  draft.append(Buffer.from("theirs"));
  assert.equal(draft.finish(3), join(folder, "segment-000004.db"));
  assert.equal(readFileSync(join(folder, "segment-000003.db"), "utf8"), "mine");
});

test("who holds a draft holds it alone, until it is gone", (t) => {
  const folder = tempFolder(t);
  const draft = SegmentDraft.open(folder, id)!;
  assert.equal(SegmentDraft.open(folder, id), undefined);
  SegmentDraft.open(folder, "fedcba9876543210")!.leave();
  draft.discard();
  SegmentDraft.open(folder, id)!.discard();
  assert.deepEqual(namesIn(folder), []);
});

test("the lock of a process that is gone is taken over", (t) => {
  const folder = tempFolder(t);
  const alive = SegmentDraft.open(folder, id)!;
  const lock = join(folder, `.pull-${id}.lock`);
  const [host, , started] = readFileSync(lock, "utf8").split(" ");
  alive.leave();
  // No process has the highest number there is.
  writeFileSync(lock, [host, 4_194_304, started].join(" "));
  const draft = SegmentDraft.open(folder, id);
  assert.ok(draft);
  draft.discard();
});
