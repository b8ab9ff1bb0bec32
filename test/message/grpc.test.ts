import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { deframeGrpc, frameGrpc } from "../../message/index.js";

test("what was framed is de-framed, message by message, with its place", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.uint8Array(), fc.boolean())), (messages) => {
      const framed = messages.map(([bytes, compressed]) => frameGrpc(bytes, compressed));
      const body = Buffer.concat(framed);
      const { messages: read, restBytes } = deframeGrpc(body);
      assert.equal(restBytes, 0);
      assert.deepEqual(
        read.map((message) => [Uint8Array.from(message.bytes), message.compressed]),
        messages.map(([bytes, compressed]) => [bytes, compressed]),
      );
      for (const [at, { offset }] of read.entries()) assert.equal(offset, Buffer.concat(framed.slice(0, at)).length);
    }),
  );
});

test("a body cut anywhere gives its whole messages and the bytes that are left", () => {
  const body = Buffer.concat([frameGrpc(Buffer.from("first")), frameGrpc(Buffer.from("second"))]);
  for (let end = 0; end <= body.length; end++) {
    const { messages, restBytes } = deframeGrpc(body.subarray(0, end));
    assert.equal(messages.length, end < 10 ? 0 : end < body.length ? 1 : 2);
    assert.equal(restBytes, end < 10 ? end : end < body.length ? end - 10 : 0);
  }
});

test("bytes that are no gRPC are all rest", () => {
  assert.deepEqual(deframeGrpc(Buffer.from("<html></html>")), { messages: [], restBytes: 13 });
});
