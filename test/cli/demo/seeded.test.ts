import assert from "node:assert/strict";
import { test } from "node:test";
import { allSeeded, unexpectedIn } from "../../../cli/demo/seeded.js";
import type { Divergence } from "../../../tape/index.js";

const found: Divergence[] = allSeeded.map(({ hop, route, place, kind, isNoise }, at) => ({
  number: at + 1,
  hop,
  route,
  place,
  kind,
  severity: "high",
  attribution: isNoise ? "noise" : "version",
  evidence: "",
  count: 1,
  of: 1,
  sinceExchange: 1,
  examples: [],
  surfaced: [],
}));
const run = { verdict: "diverged", reasons: [], divergences: found } as const;

test("a run that found what was seeded is as expected", () => {
  assert.deepEqual(unexpectedIn(run), []);
});

test("what was missed, what is too much, a wrong hop, a wrong attribution and a wrong verdict are each said", () => {
  const [stars, status, noise] = found;
  const elsewhere = { ...stars!, hop: "shop" };
  const cases: [divergences: Divergence[], words: RegExp[]][] = [
    [[status!, noise!], [/^not found: the first regression/]],
    [
      [...found, { ...stars!, place: "body:/text" }],
      [/^not seeded: version, missing-field at body:\/text of GET \/reviews\/\{id\} at reviews$/],
    ],
    [
      [elsewhere, status!, noise!],
      [/^not found: the first/, /^not seeded: .* at shop$/],
    ],
    [
      [stars!, status!, { ...noise!, attribution: "version" }],
      [/^not found: the noise/, /^not seeded: version, changed-value/],
    ],
    [
      [{ ...stars!, attribution: "noise" }, status!, noise!],
      [/^not found: the first/, /^not seeded: noise, missing-field/],
    ],
  ];
  for (const [divergences, words] of cases) {
    const said = unexpectedIn({ ...run, divergences });
    assert.equal(said.length, words.length, said.join("\n"));
    for (const [at, word] of words.entries()) assert.match(said[at]!, word);
  }
  assert.match(
    unexpectedIn({ ...run, verdict: "inconclusive", reasons: ["no"] })[0]!,
    /^the verdict is inconclusive \(no\)$/,
  );
});
