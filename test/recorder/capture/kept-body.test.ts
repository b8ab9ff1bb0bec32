import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KeptBody } from "../../../recorder/capture/kept-body.js";
import { keyedHash } from "../../../tape/index.js";
import { testKey } from "../../support/start-recorder.js";

test("the first bytes are kept up to the cap, all are counted, and hashed when some were not kept", () => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 10 });
  fc.assert(
    fc.property(pieces, fc.nat({ max: 100 }), (sent, cap) => {
      const body = new KeptBody(cap, testKey);
      for (const piece of sent) body.add(piece);
      const all = Buffer.concat(sent);
      const { pieces: kept, fullBytes, hash } = body.finish();
      assert.equal(Buffer.concat(kept).toString("hex"), all.toString("hex", 0, cap));
      assert.equal(fullBytes, all.length);
      assert.equal(body.isCut, all.length > cap);
      assert.deepEqual(
        hash && Buffer.from(hash),
        all.length > cap ? Buffer.from(keyedHash(testKey, [all])) : undefined,
      );
    }),
  );
});

test("a body may be finished twice", () => {
  const body = new KeptBody(1, testKey);
  body.add(Buffer.from("ab"));
  assert.deepEqual(body.finish(), body.finish());
});

test("while it comes, a body is what was kept of it", () => {
  const body = new KeptBody(3, testKey);
  body.add(Buffer.from("abcd"));
  const { pieces, fullBytes, hash } = body.soFar();
  assert.deepEqual([Buffer.concat(pieces).toString(), fullBytes, hash], ["abc", 3, undefined]);
});
