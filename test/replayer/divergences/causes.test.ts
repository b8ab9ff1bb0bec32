import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ComparedSides,
  collectDivergences,
  type DivergenceCollector,
  type StepComparison,
} from "../../../replayer/divergences/collect.js";
import type { Difference } from "../../../tape/index.js";

/** Old and new, without and under faults, each held against its own. */
const twoByTwo: readonly ComparedSides[] = [
  {
    ...{ lane: "candidate", reference: "baseline", effect: "version", faults: undefined },
    ...{ control: "again", isOld: false },
  },
  {
    ...{ lane: "baseline+faults", reference: "baseline", effect: "fault", faults: "plan.yaml" },
    ...{ control: "again", isOld: true },
  },
  {
    ...{ lane: "candidate+faults", reference: "baseline+faults", effect: "version", faults: "plan.yaml" },
    ...{ control: "again", isOld: false },
  },
];
const [version, fault, underFault] = [0, 1, 2];

const missing = (place: string): Difference => ({ kind: "missing-field", place, severity: "high", expected: "5" });
const status = (expected: number, actual: number): Difference => ({
  ...{ kind: "status", place: "status", severity: "high" },
  ...{ expected, actual },
});
const missingCall: Difference = { kind: "missing-call", place: "hop", severity: "high", expected: "GET /ratings/1" };
const changed = (expected: string, actual: string): Difference => ({
  ...{ kind: "changed-value", place: "body:/n", severity: "medium" },
  ...{ expected, actual },
});

const steps = 20;
/** Every second Step meets the fault. */
const meets = (step: number) => step % 2 === 0;

type Found = Partial<Pick<StepComparison, "candidate" | "control">>;

/** What a call answers otherwise, by contrast. */
type Answers = (contrast: number, step: number) => Found;

/** front → reviews → ratings, with what each answers otherwise. */
function collect(front: Answers, reviews?: Answers, ratings?: Answers): DivergenceCollector {
  const collector = collectDivergences({ sides: twoByTwo });
  const hops = [
    { hop: "front", route: "GET /product/{id}", answers: front },
    { hop: "reviews", route: "GET /reviews/{id}", answers: reviews },
    { hop: "ratings", route: "GET /ratings/{id}", answers: ratings },
  ];
  for (let step = 0; step < steps; step++) {
    if (meets(step)) collector.addFault(step, "plan.yaml", "abort");
    for (const contrast of [0, 1, 2]) {
      if (contrast === fault && !meets(step)) continue;
      for (const [depth, { hop, route, answers }] of hops.entries()) {
        if (answers === undefined) continue;
        const above = hops.slice(0, depth).map((one) => ({ hop: one.hop, route: one.route }));
        const found = { candidate: [], control: [], ...answers(contrast, step) };
        collector.add({ step, exchangeId: 100 + step, hop, route, contrast, ...found, above });
      }
    }
  }
  return collector;
}

const inShort = (collector: DivergenceCollector) =>
  collector
    .finish()
    .map(({ attribution, hop, place, blast, lanes }) =>
      [attribution, hop, place, blast, ...(lanes ?? []).map(({ lane, count, of }) => `${lane} ${count}/${of}`)].join(
        " ",
      ),
    );
const none: Answers = () => ({});

test("what old and new differ in without faults is the version's, in both pairs of lanes", () => {
  const found = collect((contrast) => (contrast === fault ? {} : { candidate: [missing("body:/stars")] })).finish();
  assert.deepEqual(
    found.map(({ attribution, count, of }) => [attribution, count, of]),
    [["version", 20, 20]],
  );
  assert.match(found[0]!.evidence, /candidate\+faults differs from baseline\+faults in 20 of 20$/);
});

test("what old and new differ in where a fault was met, and never without, is an interaction", () => {
  const collector = collect((contrast, step) =>
    contrast === underFault && meets(step) ? { candidate: [missing("body:/stars")] } : {},
  );
  const [found] = collector.finish();
  assert.equal(found!.attribution, "interaction");
  assert.equal(
    found!.evidence,
    'under "abort" candidate+faults differs from baseline+faults in 10 of 20; without faults candidate never differed from baseline here in 20',
  );
  assert.deepEqual(found!.examples[0], {
    ...{ step: 0, exchangeId: 100, expected: "5", actual: "(none)" },
    ...{ lane: "candidate+faults", reference: "baseline+faults" },
  });
});

test("what the lanes under faults differ in where no fault was met is no interaction", () => {
  const collector = collect((contrast) => (contrast === underFault ? { candidate: [missing("body:/stars")] } : {}));
  const [found] = collector.finish();
  assert.equal(found!.attribution, "version");
  assert.match(found!.evidence, /10 of them Steps that met no fault/);
});

test("what old answers otherwise under faults is the fault's, and new under faults like it is no finding of its own", () => {
  const collector = collect((contrast) => (contrast === fault ? { candidate: [missing("body:/stars")] } : {}));
  assert.deepEqual(inShort(collector), ["fault front body:/stars  baseline+faults 10/10"]);
});

test("noise under faults is told as without, and is listed once", () => {
  const collector = collect((_, step) => ({
    candidate: [changed(`${step}`, `${step + 1}`)],
    control: [changed(`${step}`, `${step + 2}`)],
  }));
  assert.deepEqual(inShort(collector), ["noise front body:/n  candidate 20/20 candidate+faults 20/20"]);
});

test("a failure that its caller fails with is an interaction that begins there and propagates", () => {
  const fails: Answers = (contrast, step) =>
    contrast === underFault && meets(step) ? { candidate: [status(200, 500)] } : {};
  const stopped: Answers = (contrast) => (contrast === fault ? { candidate: [missingCall] } : {});
  const withoutStars: Answers = (contrast) => (contrast === fault ? { candidate: [missing("body:/stars")] } : {});
  const reviews: Answers = (contrast, step) => ({ ...withoutStars(contrast, step), ...fails(contrast, step) });
  const collector = collect(reviews, reviews, stopped);
  assert.deepEqual(inShort(collector), [
    "interaction reviews status propagated candidate+faults 10/20",
    "fault ratings hop contained baseline+faults 10/10",
  ]);
});

test("a stopped call explains what its callers answer only where a fault may have stopped it", () => {
  const gone: Answers = (contrast) => (contrast === version ? { candidate: [missingCall] } : {});
  const stars: Answers = (contrast) => (contrast === version ? { candidate: [missing("body:/stars")] } : {});
  assert.deepEqual(inShort(collect(none, stars, gone)), [
    "version ratings hop contained candidate 20/20",
    "version reviews body:/stars contained candidate 20/20",
  ]);
});

test("a field that is missing with another value than the one below is no surfacing of that", () => {
  const gone = (place: string, expected: string): Difference => ({ ...missing(place), expected }) as Difference;
  const front: Answers = (contrast) =>
    contrast === version ? { candidate: [gone("body:/stars", "3"), gone("body:/inner/stars", "5")] } : {};
  const reviews: Answers = (contrast) => (contrast === version ? { candidate: [gone("body:/stars", "5")] } : {});
  assert.deepEqual(inShort(collect(front, reviews)), [
    "version front body:/stars degraded candidate 20/20",
    "version reviews body:/stars degraded candidate 20/20",
  ]);
});

const blasts: [string, string, Answers, Answers, Answers][] = [
  ["contained", "a change that the entry does not show", none, none, () => ({ candidate: [missing("body:/stars")] })],
  [
    "degraded",
    "a change that the entry's answer shows",
    () => ({ candidate: [missing("body:/review/stars")] }),
    none,
    () => ({ candidate: [missing("body:/stars")] }),
  ],
  ["contained", "a failure that the caller hides", none, none, () => ({ candidate: [status(200, 503)] })],
  [
    "degraded",
    "a failure that the caller fails with, and the entry does not",
    none,
    () => ({ candidate: [status(200, 502)] }),
    () => ({ candidate: [status(200, 503)] }),
  ],
  [
    "propagated",
    "a failure that the entry fails with",
    () => ({ candidate: [status(200, 502)] }),
    () => ({ candidate: [status(200, 502)] }),
    () => ({ candidate: [status(200, 503)] }),
  ],
  [
    "propagated",
    "an error that becomes a success at the entry",
    () => ({ candidate: [status(502, 200)] }),
    none,
    () => ({ candidate: [status(503, 200)] }),
  ],
];

for (const [blast, title, front, reviews, ratings] of blasts) {
  test(`${blast}: ${title}`, () => {
    const only =
      (answers: Answers): Answers =>
      (contrast, step) =>
        contrast === version ? answers(contrast, step) : {};
    const found = collect(only(front), only(reviews), only(ratings))
      .finish()
      .filter(({ hop }) => hop === "ratings");
    assert.deepEqual(
      found.map((one) => one.blast),
      [blast],
    );
  });
}

test("why it begins at a hop is told by the calls that one made", () => {
  const stars: Answers = (contrast) => (contrast === version ? { candidate: [missing("body:/stars")] } : {});
  const [found] = collect(none, stars, none).finish();
  assert.match(found!.firstHop!, /nothing in the calls it made explains it \(ratings GET \/ratings\/\{id\}\)/);
  const [last] = collect(none, none, stars).finish();
  assert.match(last!.firstHop!, /it made no calls that were seen/);
});

test("where the calls below were not seen, nothing is said of how far it reached", () => {
  const [found] = collect(() => ({ candidate: [missing("body:/stars")] })).finish();
  assert.deepEqual([found!.blast, found!.firstHop], [undefined, undefined]);
});
