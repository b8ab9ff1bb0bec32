import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { frameGrpc } from "../../../../message/index.js";
import { compareAnswers } from "../../../../replayer/compare/answers.js";
import { responseOf } from "../../../support/response-of.js";

const grpc = (messages: readonly Uint8Array[]) =>
  responseOf(Buffer.concat(messages), {
    fields: [
      ["content-type", "application/grpc"],
      ["grpc-encoding", "gzip"],
    ],
    trailers: [["grpc-status", "0"]],
  });

test("gRPC messages are compared one by one, by their bytes", () => {
  const expected = grpc([frameGrpc(Buffer.from("one")), frameGrpc(Buffer.from("two"))]);
  const actual = grpc([frameGrpc(Buffer.from("one")), frameGrpc(Buffer.from("tvo"))]);
  assert.deepEqual(compareAnswers(expected, actual), [
    {
      kind: "changed-bytes",
      place: "body:/1",
      grouped: "body:/*",
      severity: "medium",
      expected: "3 bytes, from byte 1: 776f",
      actual: "3 bytes, from byte 1: 766f",
    },
  ]);
});

test("a gRPC stream with fewer messages is a shorter list", () => {
  const one = frameGrpc(Buffer.from("one"));
  assert.deepEqual(compareAnswers(grpc([one, one]), grpc([one])), [
    { kind: "array-length", place: "body", severity: "high", expected: 2, actual: 1 },
  ]);
});

test("a compressed gRPC message is compared decompressed", () => {
  const plain = Buffer.from("one one one one one");
  assert.deepEqual(compareAnswers(grpc([frameGrpc(plain)]), grpc([frameGrpc(gzipSync(plain), true)])), []);
});

test("what calls itself gRPC and is not framed so is compared as bytes", () => {
  const [difference] = compareAnswers(grpc([Buffer.from("xyz")]), grpc([Buffer.from("xya")]));
  assert.equal(difference?.kind, "changed-bytes");
});
