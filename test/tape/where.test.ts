import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseWhere } from "../../tape/index.js";
import { exchangeHead, wholeExchange } from "../support/exchange-head.js";
import { projectFolder } from "../support/project.js";

function selects(text: string, one: ReturnType<typeof wholeExchange>): boolean {
  const { where, whereWhole } = parseWhere(text);
  const { request, answer, frames, ...rest } = one;
  const head = exchangeHead({
    ...rest,
    request: { ...request },
    answer: { ...answer } as never,
    frameCount: frames.length,
  });
  return (where?.(head) ?? true) && (whereWhole?.(one) ?? true);
}

const one = wholeExchange(
  exchangeHead({
    trace: { requestId: "6db69b60-1f03-4c1e-885b-5cab4cc20fff" },
    request: { path: "/reviews/7?debug=1", bodyKind: "whole", bodyBytes: 20 },
  }),
  {
    requestHeaders: [
      ["Accept", "text/html"],
      ["accept", "image/png"],
    ],
    requestBody: Buffer.from('{"n":9007199254740993}'),
    answerHeaders: [["content-type", "application/json"]],
    answerBody: Buffer.from('{"items":[{"price":9.5,"name":"a b"}],"Total":"17"}'),
  },
);

test("begins, ends, contains and fits compare text, one of several values is enough", () => {
  for (const text of [
    "path ^= /reviews and path $= /7 and path *= view",
    "path like /*/?",
    "header.accept = image/png and header.accept *= html",
    "answer.header.content-type like */json",
    "authority = REVIEWS:9080 and host like reviews:*",
    "status like 2?? and status ^= 2 and status *= 0",
  ]) {
    assert.equal(selects(text, one), true, text);
    assert.equal(selects(`not (${text})`, one), false, text);
  }
  assert.equal(selects("path like /reviews", one), false);
  assert.equal(selects("header.accept $= text", one), false);
});

test("a JSON pointer leads into bodies; numbers are numbers, text is text, keys keep their case", () => {
  for (const text of [
    "answer.body:/items/0/price >= 9.50",
    "answer.body:/items/*/price = 9.5",
    'answer.body:/items/*/name = "a b"',
    'answer.body:"/items/0/name" ^= a',
    "answer.body:/Total = 17",
    "answer.body:/total != 17",
    'answer.body:/items ^= ""',
    "body:/n = 9007199254740993",
    "not body:/n = 9007199254740992",
    'answer.body:/missing !~ "."',
  ]) {
    assert.equal(selects(text, one), true, text);
  }
  // A text that looks like a number is no number.
  assert.equal(selects("answer.body:/Total > 1", one), false);
  assert.equal(selects('answer.body:/missing ^= ""', one), false);
});

test("sizes have units, shares are per cent", () => {
  assert.equal(selects("body.bytes >= 20 and body.bytes < 1KiB and answer.body.bytes > 0", one), false);
  assert.equal(selects("body.bytes >= 20 and body.bytes < 1KiB", one), true);
  assert.equal(selects("sample < 6.25%", one), true);
  assert.equal(selects("sample < 0.0624", one), false);
});

test("a regular expression looks at the first 256 Ki characters of a body, and no more", () => {
  const body = (text: string) => wholeExchange(exchangeHead(), { answerBody: Buffer.from(text) });
  assert.equal(selects("answer.body ~ needle", body(`${"x".repeat(262_138)}needle`)), true);
  assert.equal(selects("answer.body ~ needle", body(`${"x".repeat(262_139)}needle`)), false);
  assert.equal(selects("answer.body *= needle", body(`${"x".repeat(262_139)}needle`)), true);
});

test("every example in the pages about the language is one that it reads", () => {
  const page = readFileSync(join(projectFolder, "docs/where.md"), "utf8");
  const blocks = [...page.matchAll(/^```\n([^`]*)```$/gm)].flatMap(([, block]) => block!.trim().split("\n"));
  assert.ok(blocks.length >= 7, `${blocks.length} examples`);
  for (const example of blocks) parseWhere(example);
});
