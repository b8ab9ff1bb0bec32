import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../../tape/index.js";
import { responseOf } from "../support/response-of.js";
import type { JudgedCase, TrueChange } from "./case.js";
import { diffyFindings } from "./score/diffy.js";
import type { EntryAnswers } from "./score/entry-answers.js";
import { naiveFindings } from "./score/naive.js";
import { ourReading } from "./score/ours.js";
import { scoreCase } from "./score/score.js";
import { totalsOf } from "./score/table.js";

const change: TrueChange = {
  ...{ hop: "middle", places: ["body:/stars"], kinds: ["missing-field"], attribution: "version" },
};
const judged: JudgedCase = {
  ...{ name: "one", family: "one", depth: 1, traffic: [], truth: [change] },
  ...{ old: () => ({}), new: () => ({}) },
};
const route = "GET /one/{id}";
const right = { hop: "middle", route, place: "body:/stars", kind: "missing-field", attribution: "version" } as const;

test("a change that is shown where it began, with its cause, is all right", () => {
  const score = scoreCase(judged, [right], ourReading);
  assert.deepEqual([score.found, score.rightAttribution, score.rightHop, score.falseFindings.length], [1, 1, 1, 0]);
});

test("nothing shown is a change missed", () => {
  assert.deepEqual(scoreCase(judged, [], ourReading).missed, [change]);
});

test("a change shown further up alone is found at the wrong hop, and so is one shown twice", () => {
  const above = { ...right, hop: "front", place: "body:/inner/stars" };
  for (const findings of [[above], [right, above]]) {
    const score = scoreCase(judged, findings, ourReading);
    assert.deepEqual([score.found, score.rightHop, score.falseFindings.length], [1, 0, 0]);
  }
});

test("another place, another kind and another hop are false", () => {
  const wrongs = [
    { ...right, place: "body:/title" },
    { ...right, kind: "added-field" as const },
    { ...right, hop: "back" },
  ];
  assert.equal(scoreCase(judged, wrongs, ourReading).falseFindings.length, 3);
  assert.equal(scoreCase({ ...judged, truth: [] }, [right], ourReading).falseFindings.length, 1);
});

test("a wrong cause is counted, also in what has no change", () => {
  const noise = scoreCase(judged, [{ ...right, attribution: "unattributed" }], ourReading);
  const still = scoreCase({ ...judged, truth: [] }, [], ourReading);
  assert.equal(totalsOf([noise]).rightAttribution, 0);
  assert.equal(totalsOf([noise, still]).rightAttribution, 0.5);
});

const json = (value: unknown): Answer => responseOf(value);
const answers = (old: unknown, oldAgain: unknown, young: unknown): EntryAnswers => ({
  ...{ route, old: json(old), oldAgain: json(oldAgain), new: json(young) },
});

test("Diffy's rule shows a field that differs more often than by itself, by a fifth of both", () => {
  const steps = (raw: number, noise: number) =>
    Array.from({ length: 30 }, (_, n) => answers({ a: 1 }, { a: n < noise ? 3 : 1 }, { a: n < raw ? 2 : 1 }));
  const places = (raw: number, noise: number) => diffyFindings(steps(raw, noise)).map(({ place }) => place);
  assert.deepEqual(places(30, 0), ["body:/a"]);
  assert.deepEqual(places(30, 30), []);
  // (15 − 10) ÷ 25 is 20 %, which is not more than 20 %.
  assert.deepEqual(places(15, 10), []);
  assert.deepEqual(places(16, 10), ["body:/a"]);
});

test("a diff of bytes shows each place once, whatever differs there", () => {
  const found = naiveFindings([answers({ at: 1 }, { at: 1 }, { at: 2 }), answers({ at: 3 }, { at: 3 }, { at: 4 })]);
  assert.deepEqual(
    found.map(({ place }) => place),
    ["body"],
  );
});
