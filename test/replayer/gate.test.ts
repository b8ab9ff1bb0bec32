import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseRules } from "../../replayer/compare/rules/rules-file.js";
import { compareRuns } from "../../replayer/gate/compare-runs.js";
import { gate } from "../../replayer/gate/gate.js";
import { readKnown } from "../../replayer/gate/known.js";
import { knownWarnings, settle, verdictOf } from "../../replayer/gate/settle.js";
import { suggestionsAsYaml, suggestRules } from "../../replayer/gate/suggest.js";
import { withFailOn } from "../../replayer/gate/thresholds.js";
import type { Difference, Divergence, RunSummary } from "../../tape/index.js";
import { tempFolder } from "../support/temp.js";

const divergence = (changes: Partial<Divergence> = {}): Divergence => ({
  ...{ number: 1, hop: "shop", route: "GET /items", place: "body:/price", kind: "changed-value", severity: "medium" },
  ...{ attribution: "version", evidence: "", count: 4, of: 100, sinceExchange: 1, examples: [], surfaced: [] },
  ...changes,
});
const run = (...divergences: Divergence[]) =>
  ({
    ...{ run: "r", reference: "recorded", verdict: "diverged", reasons: [], divergences },
    routes: [{ hop: "shop", route: "GET /items", compared: 100 }],
  }) as unknown as RunSummary;
const routes = [{ hop: "shop", route: "GET /items", compared: 100 }];
const failing = (thresholds: Parameters<typeof gate>[1], ...divergences: Divergence[]) =>
  gate(divergences, thresholds).failing.map(({ number }) => number);

test("without thresholds every divergence fails; with a severity those of less do not", () => {
  const all = (["high", "medium", "low"] as const).map((severity, at) => divergence({ severity, number: at + 1 }));
  assert.deepEqual(failing(undefined, ...all), [1, 2, 3]);
  assert.deepEqual(failing(withFailOn(undefined, "medium"), ...all), [1, 2]);
  assert.deepEqual(failing(withFailOn(undefined, "high"), ...all), [1]);
});

test("a budget is for its severity and route, by share or by Steps in all", () => {
  const one = divergence({ count: 4 });
  const two = divergence({ count: 3, number: 2, place: "body:/name" });
  const allow = (allowance: object) => ({ allow: [allowance] }) as NonNullable<Parameters<typeof gate>[1]>;
  assert.deepEqual(failing(allow({ share: 0.04 }), one, two), []);
  assert.deepEqual(failing(allow({ share: 0.03 }), one, two), [1]);
  assert.deepEqual(failing(allow({ count: 7 }), one, two), []);
  assert.deepEqual(failing(allow({ count: 6 }), one, two), [1, 2]);
  assert.deepEqual(failing(allow({ count: 9, severity: "low" }), one), [1]);
  assert.deepEqual(failing(allow({ count: 9, route: "GET /other" }), one), [1]);
});

test("every divergence comes out of the gate once, on one side", () => {
  const all = Array.from({ length: 50 }, (_, at) =>
    divergence({ number: at, count: at, severity: at % 2 ? "low" : "high" }),
  );
  const { failing, allowed } = gate(all, { failOn: "low", allow: [{ severity: "low", share: 0.2 }] });
  const numbers = [...failing, ...allowed.map((one) => one.divergence)].map(({ number }) => number);
  assert.deepEqual(
    numbers.sort((x, y) => x - y),
    all.map(({ number }) => number),
  );
});

test("a known divergence is masked where it is met, and said where it is not", () => {
  const settled = settle([divergence(), divergence({ place: "body:/new", number: 2 })], {
    known: [divergence(), divergence({ place: "body:/old" })],
  });
  assert.deepEqual(
    settled.divergences.map(({ known }) => known),
    [true, undefined],
  );
  assert.deepEqual(
    settled.known?.map(({ place, met }) => [place, met]),
    [
      ["body:/price", true],
      ["body:/old", false],
    ],
  );
  assert.deepEqual(
    gate(settled.divergences).failing.map(({ number }) => number),
    [2],
  );
  assert.match(knownWarnings(settled)[0]!, /no longer met.*body:\/old/);
});

test("a fix is shown when its divergence is gone and its route was compared", () => {
  const passed = { kind: "passed", reasons: ["all compared"] } as const;
  const expecting = (found: Divergence[], name: Divergence) =>
    verdictOf(passed, settle(found, { expectGone: [name] }), routes);
  assert.equal(expecting([], divergence()).kind, "passed");
  assert.match(expecting([], divergence()).reasons.join(), /1 expected divergence is gone/);
  assert.equal(expecting([divergence()], divergence()).kind, "diverged");
  assert.equal(expecting([], divergence({ route: "GET /never" })).kind, "inconclusive");
  const doubtful = { kind: "inconclusive", reasons: ["x"] } as const;
  assert.equal(verdictOf(doubtful, settle([], { expectGone: [divergence()] }), routes).kind, "inconclusive");
});

test("known divergences come from a report.json, or from a list", (t) => {
  const folder = tempFolder(t);
  const [report, list] = [join(folder, "report.json"), join(folder, "known.yaml")];
  writeFileSync(report, JSON.stringify(run(divergence())));
  writeFileSync(list, "- { hop: shop, route: GET /items, place: body:/price, kind: changed-value }\n");
  const [{ hop, route, place, kind }] = [divergence()];
  for (const file of [report, list]) assert.deepEqual(readKnown(file), [{ hop, route, place, kind }]);
  writeFileSync(list, "- { hop: shop }\n");
  assert.throws(() => readKnown(list), /known\.yaml/);
});

test("the noise of a report is neither known nor expected to be gone", (t) => {
  const report = join(tempFolder(t), "report.json");
  const noise = (["noise", "unproven-noise"] as const).map((attribution) =>
    divergence({ place: `body:/${attribution}`, attribution }),
  );
  writeFileSync(report, JSON.stringify(run(divergence(), ...noise)));
  const read = readKnown(report);
  assert.deepEqual(
    read.map(({ place }) => place),
    ["body:/price"],
  );
  // The fix is there, and what changes by itself changed again.
  const settled = settle(noise, { expectGone: read, known: read });
  assert.equal(verdictOf({ kind: "passed", reasons: [] }, settled, routes).kind, "passed");
  assert.deepEqual(
    settled.divergences.map(({ known }) => known),
    [undefined, undefined],
  );
});

test("two runs: what is new, gone, the same, met more or less often, and what cannot be known", () => {
  const at = (place: string, count = 4, route = "GET /items") => divergence({ place, count, route });
  const before = run(
    at("body:/gone"),
    at("body:/same"),
    at("body:/more"),
    at("body:/less"),
    at("body:/x", 1, "GET /lost"),
  );
  const after = run(at("body:/new"), at("body:/same"), at("body:/more", 9), at("body:/less", 1));
  const { differences, doubts } = compareRuns(before, after);
  assert.deepEqual(
    differences.map(({ change, place }) => `${change} ${place}`),
    ["new body:/new", "more body:/more", "unknown body:/x", "same body:/same", "less body:/less", "gone body:/gone"],
  );
  assert.deepEqual(doubts, []);
  assert.equal(compareRuns(before, { ...after, verdict: "inconclusive" }).doubts.length, 1);
  assert.deepEqual(
    compareRuns(before, before).differences.every(({ change }) => change === "same"),
    true,
  );
});

test("rules are proposed for values that keep a volatile class, and refused where they would hide structure", () => {
  const value = (place: string, expected: string, actual: string): Difference =>
    ({
      ...{ kind: "changed-value", severity: "medium" as const, place, expected, actual },
    }) as Difference;
  const uuid = (digit: string) => `"${digit.repeat(8)}-1111-4222-8333-444455556666"`;
  const found: Difference[] = [
    value("body:/id", uuid("0"), uuid("1")),
    value("body:/id", uuid("2"), uuid("3")),
    value("body:/name", '"Ann"', '"Bob"'),
    value("body:/mixed", uuid("0"), uuid("1")),
    value("body:/mixed", '"2026-01-01T10:00:00Z"', '"2026-01-01T10:00:01Z"'),
    value("body:/took", "5", "7"),
  ];
  const differences = found.map((difference, step) => ({ step, hop: "shop", difference }));
  const reader = { differences: () => differences, step: () => ({ callee: "shop", route: "GET /items" }) } as never;
  const summary = run(
    divergence({ number: 1, place: "body:/id", attribution: "unproven-noise" }),
    divergence({ number: 2, place: "body:/name" }),
    divergence({ number: 3, place: "body:/mixed" }),
    divergence({ number: 4, place: "body:/took", attribution: "noise" }),
    divergence({ number: 5, place: "body:/list", kind: "array-length" }),
    divergence({ number: 6, place: "body:/gone", kind: "missing-field" }),
    divergence({ number: 7, place: "body", kind: "changed-text" }),
    divergence({ number: 8, place: "hop", kind: "missing-call" }),
    divergence({ number: 9, place: "body:/list", kind: "changed-order" }),
    divergence({ number: 10, place: "body:/tags", kind: "changed-order", attribution: "noise" }),
  );
  const suggested = suggestRules(summary, reader);
  assert.deepEqual(
    suggested.rules.map(({ divergence, rule }) => [divergence, Object.keys(rule)[0], Object.values(rule)[1]]),
    [
      [1, "match", "uuid"],
      [4, "tolerate", 3],
      [10, "unordered", "GET /items"],
    ],
  );
  assert.deepEqual(
    suggested.refused.map(({ divergence, reason }) => [divergence, reason]),
    [
      ...[
        [2, "over-broad"],
        [3, "unresolved"],
        [5, "array-length"],
        [6, "structural"],
        [7, "root-value"],
      ],
      ...[
        [8, "unrepresentable"],
        [9, "order-ambiguous"],
      ],
    ],
  );
  // What is proposed is a rules file.
  assert.equal(parseRules(suggestionsAsYaml(suggested), "rules.yaml").rules.length, 3);
});
