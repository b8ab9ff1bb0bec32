import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { WantedValues } from "../../../../replayer/carry/links/wanted.js";
import { mayHoldValue } from "../../../../replayer/carry/values/may-hold.js";
import { walkAnswer } from "../../../../replayer/carry/values/message.js";
import { hashOfText } from "../../../../replayer/carry/values/text-hash.js";
import { type Exchange, walkOf } from "../../../../tape/index.js";
import { answerOf, learntFrom } from "../../../support/carry.js";
import { tapeOf } from "../../../support/replay-tape.js";

const anyWord = fc.oneof(
  fc.constantFrom(
    "1000042",
    "17",
    "paid",
    "größe-77",
    'a "quoted" 1000042',
    "/orders/1000042?at=next-0001",
    "eyJhIjoxMDAwMDQyfQ",
  ),
  fc.string({ maxLength: 40 }),
  fc.uuid(),
);

test("a body whose bytes are found to hold nothing that is sought has no such value, whatever is decoded in it", () => {
  const nested = fc.dictionary(
    fc.string({ maxLength: 6 }),
    fc.oneof(anyWord, fc.array(anyWord), fc.double({ noNaN: true })),
  );
  let passedOver = 0;
  fc.assert(
    fc.property(nested, fc.nat(3), fc.boolean(), (value, spaces, isCut) => {
      const text = JSON.stringify(value, undefined, spaces);
      const answer = answerOf(isCut ? text.slice(0, -3) : text, [["content-type", "application/json"]]);
      const values: string[] = [];
      walkAnswer(answer, (spot) => {
        if (!spot.base.startsWith("header:")) values.push(spot.value);
        return undefined;
      });
      assert.ok(answer.kind === "response");
      const isFound = (sought: string) =>
        mayHoldValue(answer.body, answer.headers, {
          hasText: (text) => text === sought,
          hasHash: (hash) => hash === hashOfText(sought),
        });
      for (const one of values) assert.ok(isFound(one), one);
      if (!isFound("nowhere-in-it-4711")) passedOver++;
    }),
    { numRuns: 1000 },
  );
  assert.ok(passedOver > 900);
});

test("links are the same when only what requests want is remembered, whatever they share", async () => {
  const anyCall = fc.record({
    path: fc.constantFrom("/orders/17", "/orders/1000042", "/a/next-0001?state=paid-0001", "/customers/paid-0001"),
    answer: fc.array(
      fc.oneof(fc.constantFrom("next-0001", "paid-0001", "1000042", "/orders/17"), fc.constantFrom(17, 1000042)),
    ),
    tookMs: fc.nat(30),
  });
  let linked = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyCall, { maxLength: 12 }), async (calls) => {
      const tape = await tapeOf(
        calls.map(({ path, answer, tookMs }, at) => ({
          ...{
            startMs: at * 10,
            endMs: at * 10 + tookMs,
            path,
            answerBody: JSON.stringify({ orders: answer, id: answer[0] }),
          },
        })),
      );
      const exchanges: Exchange[] = [];
      for await (const exchange of tape.read()) exchanges.push(exchange);
      const { links } = learntFrom(exchanges);
      for (const wanted of [
        await WantedValues.inRequests(walkOf(() => exchanges.values())),
        await WantedValues.inPaths(tape.skim()),
      ]) {
        assert.deepEqual(learntFrom(exchanges, { wanted }).links, links);
      }
      linked += links.length;
    }),
    { numRuns: 100 },
  );
  assert.ok(linked > 50);
});
