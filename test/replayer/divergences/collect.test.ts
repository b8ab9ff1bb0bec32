import assert from "node:assert/strict";
import { test } from "node:test";
import { collectDivergences, type StepComparison } from "../../../replayer/divergences/collect.js";
import type { Difference, Divergence } from "../../../tape/index.js";

const missing = (place: string): Difference => ({ kind: "missing-field", place, severity: "high", expected: "5" });
const changed = (place: string, expected: string, actual: string): Difference => ({
  kind: "changed-value",
  place,
  severity: "medium",
  expected,
  actual,
});
const retyped = (place: string, expectedType: string, actualType: string): Difference => {
  return { kind: "changed-type", place, severity: "high", expected: "1", actual: "null", expectedType, actualType };
};
const time = (second: number) => `"2024-05-06T07:08:${String(second % 60).padStart(2, "0")}Z"`;

/** Comparisons of `count` Steps of one route, each made by `at`. */
function collect(
  count: number,
  at: (step: number) => Partial<StepComparison>,
  reference: "recorded" | "baseline" = "baseline",
): Divergence[] {
  const collector = collectDivergences({ reference });
  for (let step = 0; step < count; step++) collector.add(comparison(step, at(step)));
  return collector.finish();
}

function comparison(step: number, changes: Partial<StepComparison> = {}): StepComparison {
  const exchangeId = 100 + step;
  return { step, exchangeId, hop: "front", route: "GET /product/{id}", candidate: [], ...changes };
}

test("Differences are grouped by place and kind, counted in Steps, with the first Exchange and three examples", () => {
  const [found, ...rest] = collect(142, (step) => ({
    candidate: step < 16 ? [] : [missing("body:/items/0/stars"), missing("body:/items/7/stars")],
    control: [],
  }));
  assert.deepEqual(rest, []);
  assert.deepEqual(found, {
    number: 1,
    hop: "front",
    route: "GET /product/{id}",
    place: "body:/items/*/stars",
    kind: "missing-field",
    severity: "high",
    attribution: "version",
    evidence:
      "the baseline never differed from the recording here in 142 Steps: noise here is rarer than 2.1 % (95 % confidence)",
    count: 126,
    of: 142,
    sinceExchange: 116,
    examples: [16, 17, 18].map((step) => ({ step, exchangeId: 100 + step, expected: "5", actual: "(none)" })),
    surfaced: [],
  });
});

test("examples and the first Exchange are the earliest, in whatever order Steps are compared", () => {
  const collector = collectDivergences();
  for (const step of [9, 3, 7, 1, 8]) collector.add(comparison(step, { candidate: [missing("body:/a")] }));
  const [found] = collector.finish();
  assert.equal(found?.sinceExchange, 101);
  assert.deepEqual(
    found?.examples.map(({ step }) => step),
    [1, 3, 7],
  );
});

test("an example of another length names the elements that only the longer side has", () => {
  const lengths = (expected: number, actual: number): Difference => ({
    ...{ kind: "array-length", place: "body:/a", severity: "high", expected, actual },
    unpaired: '"x" at 1',
  });
  const collector = collectDivergences();
  collector.add(comparison(0, { candidate: [lengths(4, 5)] }));
  collector.add(comparison(1, { candidate: [lengths(4, 3)] }));
  assert.deepEqual(
    collector.finish()[0]!.examples.map(({ expected, actual }) => [expected, actual]),
    [
      ["4", '5, with "x" at 1'],
      ['4, with "x" at 1', "3"],
    ],
  );
});

test("of two groups at one place the one whose values broke with their class says so", () => {
  const found = collect(10, (step) => ({
    candidate: [changed("body:/at", time(step), step === 3 ? '"never"' : time(step + 7))],
  }));
  assert.deepEqual(
    found.map(({ place, breaks, count }) => [place, breaks, count]),
    [
      ["body:/at", undefined, 9],
      ["body:/at", "class", 1],
    ],
  );
});

test("the grouped place of a Difference is preferred: a member name of digits is no index", () => {
  const difference = { ...missing("body:/2024/0"), grouped: "body:/2024/*" };
  assert.equal(collect(1, () => ({ candidate: [difference] }))[0]?.place, "body:/2024/*");
});

const attributions: readonly {
  title: string;
  steps: number;
  at: (step: number) => Partial<StepComparison>;
  reference?: "recorded";
  found: readonly (readonly [place: string, kind: string, attribution: string])[];
}[] = [
  {
    title: "what differs between recording and baseline as often is noise",
    steps: 142,
    at: (step) => ({
      candidate: [changed("body:/at", time(step), time(step + 1))],
      control: step < 2 ? [] : [changed("body:/at", time(step), time(step + 9))],
    }),
    found: [["body:/at", "changed-value", "noise"]],
  },
  {
    title: "what never differs between recording and baseline is the version's",
    steps: 142,
    at: () => ({ candidate: [changed("body:/price", "1", "2")], control: [] }),
    found: [["body:/price", "changed-value", "version"]],
  },
  {
    title: "a place that is noisy now and then, and always differs in the candidate, is the version's",
    steps: 40,
    at: (step) => ({
      candidate: [changed("body:/stock", `${step}`, "0")],
      control: step % 10 === 0 ? [changed("body:/stock", `${step}`, `${step + 1}`)] : [],
    }),
    found: [["body:/stock", "changed-value", "version"]],
  },
  {
    title: "a candidate that is a little noisier than the baseline is not found guilty by a few Steps",
    steps: 40,
    at: (step) => ({
      candidate: step % 4 === 0 ? [changed("body:/stock", `${step}`, "0")] : [],
      control: step % 4 === 1 && step > 8 ? [changed("body:/stock", `${step}`, `${step + 1}`)] : [],
    }),
    found: [["body:/stock", "changed-value", "noise"]],
  },
  {
    title: "noise in the value of a place does not hide that it goes missing, or changes its type",
    steps: 20,
    at: (step) => ({
      candidate: [step % 2 === 0 ? missing("body:/at") : retyped("body:/at", "number", "null")],
      control: [changed("body:/at", `${step}`, `${step + 1}`)],
    }),
    found: [
      ["body:/at", "missing-field", "version"],
      ["body:/at", "changed-type", "version"],
    ],
  },
  {
    title: "a time that is another time each run does not hide a time that became a word",
    steps: 20,
    at: (step) => ({
      candidate: [changed("body:/at", time(step), step < 5 ? '"never"' : time(step + 1))],
      control: [changed("body:/at", time(step), time(step + 9))],
    }),
    found: [
      ["body:/at", "changed-value", "version"],
      ["body:/at", "changed-value", "noise"],
    ],
  },
  {
    title: "one Step that differs both ways is noise, for nothing says otherwise",
    steps: 1,
    at: () => ({ candidate: [changed("body:/n", "1", "2")], control: [changed("body:/n", "0", "1")] }),
    found: [["body:/n", "changed-value", "noise"]],
  },
  {
    title: "one Step without noise is the version's, however little that proves",
    steps: 1,
    at: () => ({ candidate: [changed("body:/n", "1", "2")], control: [] }),
    found: [["body:/n", "changed-value", "version"]],
  },
  {
    title: "plain values that are each always the same are not drawn by chance: no noise is proven",
    steps: 30,
    at: () => ({
      candidate: [changed("header:x-zone", "test-1", "test-2")],
      control: [changed("header:x-zone", "prod", "test-1")],
    }),
    found: [["header:x-zone", "changed-value", "unproven-noise"]],
  },
  {
    title: "without a control nothing is attributed",
    steps: 3,
    at: () => ({ candidate: [changed("body:/at", time(1), time(2))] }),
    found: [["body:/at", "changed-value", "unattributed"]],
  },
  {
    title: "with the recording alone, one volatile class on both sides is noise that is not proven",
    steps: 3,
    reference: "recorded",
    at: (step) => ({ candidate: [changed("body:/at", time(step), time(step + 1)), changed("body:/n", "1", "2")] }),
    found: [
      ["body:/n", "changed-value", "unattributed"],
      ["body:/at", "changed-value", "unproven-noise"],
    ],
  },
  {
    title: "with the recording alone, a class that is not kept in all Steps is not excused",
    steps: 3,
    reference: "recorded",
    at: (step) => ({ candidate: [changed("body:/at", time(step), step === 2 ? '"never"' : time(step + 1))] }),
    found: [
      ["body:/at", "changed-value", "unattributed"],
      ["body:/at", "changed-value", "unproven-noise"],
    ],
  },
];

for (const { title, steps, at, reference, found } of attributions) {
  test(title, () => {
    const divergences = collect(steps, at, reference ?? "baseline");
    assert.deepEqual(
      divergences.map(({ place, kind, attribution }) => [place, kind, attribution]),
      found,
    );
  });
}

test("the evidence for noise says in how many pairs the baseline itself differed", () => {
  const [found] = collect(142, (step) => ({
    candidate: [changed("body:/at", time(step), time(step + 1))],
    control: step < 2 ? [] : [changed("body:/at", time(step), time(step + 9))],
  }));
  assert.match(
    found!.evidence,
    /^the baseline itself differed from the recording in 140 of 142; the candidate from the baseline in 142 \(p = 0\.25\)$/,
  );
});

test("noise comes last, before it what is severe, then what is frequent", () => {
  const divergences = collect(10, (step) => ({
    candidate: [
      changed("body:/noise", `${step}`, `${step + 1}`),
      changed("body:/often", "1", "2"),
      ...(step < 3 ? [missing("body:/gone"), changed("body:/seldom", "1", "2")] : []),
    ],
    control: [changed("body:/noise", `${step}`, `${step + 2}`)],
  }));
  assert.deepEqual(
    divergences.map(({ number, place }) => [number, place]),
    [
      [1, "body:/gone"],
      [2, "body:/often"],
      [3, "body:/seldom"],
      [4, "body:/noise"],
    ],
  );
});

test("places beyond what can be counted apart are counted together, and never called noise", () => {
  const places = (step: number) => Array.from({ length: 100 }, (_, at) => changed(`body:/k${step}-${at}`, "1", "2"));
  const divergences = collect(300, (step) => ({ candidate: places(step), control: places(step) }));
  const widened = divergences.find(({ place }) => place === "body:*");
  assert.equal(divergences.length, 20_001);
  assert.deepEqual([widened?.attribution, widened?.count], ["unattributed", 100]);
});
