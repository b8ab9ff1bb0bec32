import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareAnswers, isSameAnswer } from "../../../replayer/compare/index.js";
import type { Answer } from "../../../tape/index.js";

const names = [
  "content-type",
  "content-length",
  "content-encoding",
  "date",
  "etag",
  "set-cookie",
  "connection",
  "grpc-status",
];
const headers = fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom("0", "1", "gzip", "close", "a=1")), {
  maxLength: 4,
});
const bodies = fc.constantFrom("", "1", "[1]", "[2]");
const answers = fc
  .record({
    ...{ status: fc.constantFrom(200, 500), headers, trailers: fc.oneof(fc.constant([]), headers), body: bodies },
    end: fc.constantFrom("complete" as const, "reset" as const),
  })
  .map(({ body, ...rest }): Answer & { kind: "response" } => ({
    ...{ kind: "response", ...rest },
    body: body === "" ? { kind: "empty" } : { kind: "whole", bytes: Buffer.from(body), hash: body },
  }));
/** Pairs that are often the same or nearly so. */
const pairs = fc.oneof(
  fc.tuple(answers, answers),
  answers.map((answer) => [answer, structuredClone(answer)] as const),
  fc.tuple(answers, headers).map(([answer, other]) => [answer, { ...answer, headers: other }] as const),
);

test("what is called the same has no Difference, and equal complete Answers are called the same", () => {
  fc.assert(
    fc.property(pairs, ([one, other]) => {
      // Compared as though their ends differed, so that the quick way is not taken.
      const differs = compareAnswers({ ...one, end: "reset" }, { ...other, end: "reset" }).length > 0;
      if (isSameAnswer(one, other)) assert.equal(differs, false);
      if (one.end === "complete") assert.equal(isSameAnswer(one, structuredClone(one)), true);
    }),
    { numRuns: 1000 },
  );
});

test("failures, unknown Answers and bodies that are not whole are left to the comparison", () => {
  const cut: Answer = {
    ...{ kind: "response", status: 200, headers: [], trailers: [], end: "complete" },
    body: { kind: "cut", bytes: Buffer.from("a"), fullBytes: 2, hash: "00" },
  };
  for (const answer of [{ kind: "unknown" }, { kind: "failure", reason: "reset", afterMs: 1 }, cut] as Answer[]) {
    assert.equal(isSameAnswer(answer, answer), false);
  }
});
