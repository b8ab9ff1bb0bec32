import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { faultFor, parseFaultPlan } from "../../../replayer/faults/fault-plan.js";
import type { Exchange } from "../../../tape/index.js";
import { tapeOf } from "../../support/replay-tape.js";

async function exchangesOf(paths: readonly string[]): Promise<Exchange[]> {
  const tape = await tapeOf(paths.map((path, at) => ({ startMs: at * 10, path })));
  const found: Exchange[] = [];
  for await (const exchange of tape.read({})) found.push(exchange);
  return found;
}

test("a call meets the first fault that is for it, and none when no fault is", async () => {
  const plan = parseFaultPlan(
    `faults:
      - { name: slow, mark: "feed0001", where: 'path ^= "/slow"' }
      - { name: gone, mark: "feed0002", where: 'path ^= "/slow" or path = "/gone"' }`,
    "plan.yaml",
  );
  const met = (await exchangesOf(["/slow/1", "/gone", "/other"])).map((one) => faultFor(one, plan)?.name);
  assert.deepEqual(met, ["slow", "gone", undefined]);
});

test("a share is drawn by hash: about as many, always the same ones, others with another seed", async () => {
  const exchanges = await exchangesOf(Array.from({ length: 400 }, (_, at) => `/${at}`));
  const drawn = (text: string) => {
    const plan = parseFaultPlan(text, "plan.yaml");
    return exchanges.flatMap((one) => (faultFor(one, plan) === undefined ? [] : [one.id]));
  };
  const half = drawn('faults: [{ name: slow, mark: "feed0001", share: 25% }]');
  assert.ok(half.length > 70 && half.length < 130, `${half.length} of 400`);
  assert.deepEqual(drawn('faults: [{ name: slow, mark: "00000000", share: 25% }]'), half);
  assert.notDeepEqual(drawn('{ seed: other, faults: [{ name: slow, mark: "feed0001", share: 25% }] }'), half);
});

const refusals: [string, RegExp][] = [
  ["faults: []", /plan\.yaml.*faults/],
  ["{", /cannot read faults from plan\.yaml/],
  ["faults: [{ name: slow }]", /mark/],
  ["faults: [{ name: slow, mark: 12345678 }]", /mark.*put it in quotes/],
  ['faults: [{ name: slow, mark: "FEED0001" }]', /eight hex digits, in lower case/],
  ['faults: [{ name: "a b", mark: "feed0001" }]', /name.*letters/],
  ['faults: [{ name: slow, mark: "feed0001", share: 0% }]', /share above 0%/],
  ['faults: [{ name: slow, mark: "feed0001", where: "path ~~ 3" }]', /plan\.yaml: faults\[0\]\.where: /],
  ['faults: [{ name: a, mark: "feed0001" }, { name: b, mark: "feed0001" }]', /two faults have the mark "feed0001"/],
  ['faults: [{ name: a, mark: "feed0001" }, { name: a, mark: "feed0002" }]', /two faults have the name "a"/],
  ['faults: [{ name: a, mark: "feed0001", shares: 1 }]', /shares/],
];

for (const [text, message] of refusals) {
  test(`refused: ${text}`, () => {
    assert.throws(
      () => parseFaultPlan(text, "plan.yaml"),
      (error) => error instanceof OperatorError && message.test(error.message) && !error.message.includes("\n"),
    );
  });
}
