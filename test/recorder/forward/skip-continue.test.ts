import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import fc from "fast-check";
import { AnswerBytes } from "../../../recorder/forward/skip-continue.js";

interface Read {
  rest: string;
  told: string[];
}

/** What is read, with the answer cut into pieces that come one by one. */
function readInPieces(answer: string, cuts: readonly number[]): Read {
  const bytes = new AnswerBytes();
  const source = new PassThrough();
  bytes.watch(source as unknown as Socket);
  const read: Read = { rest: "", told: [] };
  bytes.expect((reason, fields) => read.told.push(`${reason}|${fields.join("|")}`));
  const places = [...new Set(cuts.map((cut) => cut % answer.length))].sort((a, b) => a - b);
  for (const [at, from] of [0, ...places].entries()) {
    source.write(Buffer.from(answer.slice(from, places[at] ?? answer.length), "latin1"));
    for (let piece = source.read(); piece !== null; piece = source.read()) read.rest += piece.toString("latin1");
  }
  return read;
}

const continues = fc.array(
  fc.constantFrom(
    ["HTTP/1.1 100 Continue\r\n\r\n", "Continue|"],
    ["HTTP/1.1 100 \r\nX-A: 1 \r\nx-a:\t2\r\n\r\n", "|X-A|1|x-a|2"],
    ["HTTP/1.0 100 Go\r\nno field\r\n\r\n", "Go|"],
  ),
  { maxLength: 3 },
);
const answers = fc.constantFrom(
  "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
  "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
  "HTTP/1.1 204 x\r\n\r\n",
  "HTTP/1.1 1000 x\r\n\r\n",
  "HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
  "garbage, and more of it",
  "H",
);

test("however an answer is cut, heads of 100 before it are told and the rest is read as it came", () => {
  fc.assert(
    fc.property(continues, answers, fc.array(fc.nat(), { maxLength: 8 }), (before, answer, cuts) => {
      const { rest, told } = readInPieces(before.map(([head]) => head).join("") + answer, cuts);
      // One that may still become a 100 is held back for the bytes to come.
      if (answer !== "H") assert.equal(rest, answer);
      assert.deepEqual(
        told,
        before.map(([, said]) => said),
      );
    }),
  );
});

test("a head of a 100 without an end is given up to the parser", () => {
  const endless = `HTTP/1.1 100 Continue\r\nx: ${"v".repeat(100_000)}`;
  assert.equal(readInPieces(endless, [70_000]).rest, endless);
});

test("bytes outside an answer's beginning are not looked at", () => {
  const body = "HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";
  assert.deepEqual(readInPieces(body, [39]), { rest: body, told: [] });
});
