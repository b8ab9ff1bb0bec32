import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { abilities, refuseUnable, tapeCan, views, viewsOf, whatViewsCan } from "../../../replayer/carry/vantages.js";
import { projectFolder } from "../../support/project.js";

const noAnswers = { response: 0, failure: 0, "status-only": 0, unknown: 0 };

test("docs/carrying.md says of each vantage what the code says", () => {
  const page = readFileSync(join(projectFolder, "docs/carrying.md"), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("|"));
  const cellsOf = (row: string) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("`", ""));
  const header = rows.findIndex((row) => cellsOf(row)[0] === "seen from");
  assert.notEqual(header, -1);
  assert.deepEqual(cellsOf(rows[header]!).slice(1), [...abilities]);
  const table = rows.slice(header + 2, header + 2 + views.length).map(cellsOf);
  assert.deepEqual(
    table,
    views.map((view) => [view, ...abilities.map((ability) => whatViewsCan[view][ability])]),
  );
});

test("a tape can what some of its vantages can; statuses from an access log are a view of their own", () => {
  const mirror = { byVantage: { mirror: 3 }, answers: { ...noAnswers, unknown: 3 } };
  assert.deepEqual(viewsOf(mirror), ["mirror"]);
  assert.equal(tapeCan("links", mirror), false);
  assert.equal(tapeCan("order", mirror), true);
  const logged = { byVantage: { mirror: 3 }, answers: { ...noAnswers, "status-only": 3 } };
  assert.deepEqual(viewsOf(logged), ["mirror with access log"]);
  assert.equal(tapeCan("status", logged), true);
  assert.throws(
    () => refuseUnable("links", logged, "here"),
    /here: this tape holds calls seen from mirror with access log alone/,
  );
  const mixed = { byVantage: { mirror: 3, inbound: 1 }, answers: noAnswers };
  assert.equal(tapeCan("links", mixed), true);
  refuseUnable("links", mixed, "here");
  refuseUnable("links", { byVantage: {}, answers: noAnswers }, "an empty tape can neither");
});
