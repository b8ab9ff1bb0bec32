import assert from "node:assert/strict";
import { test } from "node:test";
import { OutputTooLarge, zstdDecode, zstdStore } from "../../message/zstd.js";

test("an empty body is one frame with an empty block", () => {
  assert.equal(zstdDecode(zstdStore(new Uint8Array()), 10).length, 0);
});

test("frames that follow each other are read as one body, skippable ones passed over", () => {
  const skippable = Buffer.from("502a4d1803000000616263", "hex");
  const body = Buffer.concat([zstdStore(Buffer.from("one, ")), skippable, zstdStore(Buffer.from("two"))]);
  assert.equal(Buffer.from(zstdDecode(body, 100)).toString(), "one, two");
});

test("the bound counts all frames together", () => {
  const body = Buffer.concat([zstdStore(Buffer.alloc(60)), zstdStore(Buffer.alloc(60))]);
  assert.throws(() => zstdDecode(body, 100), OutputTooLarge);
});
