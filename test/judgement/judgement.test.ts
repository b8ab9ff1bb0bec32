import assert from "node:assert/strict";
import { test } from "node:test";
import { batches } from "./cases/index.js";
import { judgeAll } from "./judge-all.js";
import { inWords } from "./score/score.js";
import { totalsOf } from "./score/table.js";

const cases = batches.flatMap((batch) => batch.cases);

test("the corpus is large enough, and no case is there twice", () => {
  assert.ok(cases.filter(({ truth }) => truth.length > 0).length >= 60);
  assert.ok(cases.filter(({ truth }) => truth.length === 0).length >= 20);
  assert.deepEqual([...new Set(cases.map(({ depth }) => depth))].sort(), [0, 1, 2]);
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
});

test("every change is found, nothing else is, and cause and first hop are right", async () => {
  const { tapeloop } = await judgeAll();
  assert.equal(tapeloop.length, cases.length);
  const missed = tapeloop.flatMap(({ name, missed: changes }) =>
    changes.map(({ hop, kinds }) => `${name}: ${kinds[0]} at ${hop}`),
  );
  assert.deepEqual(missed, [], "changes that were not found");
  const wrongly = tapeloop.flatMap(({ name, falseFindings }) =>
    falseFindings.map((finding) => `${name}: ${inWords(finding)}`),
  );
  assert.deepEqual(wrongly, [], "false divergences");
  const { rightAttribution, rightHop } = totalsOf(tapeloop);
  const wrong = tapeloop.flatMap((score) => score.wrong.map((why) => `${score.name}: ${why}`)).join("\n");
  assert.ok(rightAttribution >= 0.95, `right cause in ${rightAttribution}:\n${wrong}`);
  assert.ok(rightHop >= 0.95, `right first hop in ${rightHop}:\n${wrong}`);
});
