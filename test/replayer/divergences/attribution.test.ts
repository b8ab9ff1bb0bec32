import assert from "node:assert/strict";
import { test } from "node:test";
import { draw } from "../../../base/index.js";
import { type ComparedSides, collectDivergences, type StepComparison } from "../../../replayer/divergences/collect.js";
import type { Difference, Divergence } from "../../../tape/index.js";

/** A candidate, a baseline, and the baseline again. */
const aa: readonly ComparedSides[] = [
  {
    ...{ lane: "candidate", reference: "baseline", effect: "version", faults: undefined },
    ...{ control: "again", isOld: false },
  },
];

const changed = (place: string, expected: unknown, actual: unknown): Difference => ({
  ...{ kind: "changed-value", place, severity: "medium" },
  ...{ expected: JSON.stringify(expected), actual: JSON.stringify(actual) },
});
const missing = (place: string): Difference => ({ kind: "missing-field", place, severity: "high", expected: "5" });
const status = (expected: number, actual: number): Difference => ({
  ...{ kind: "status", place: "status", severity: "high" },
  ...{ expected, actual },
});

function collect(count: number, at: (step: number) => Partial<StepComparison>): Divergence[] {
  const collector = collectDivergences({ sides: aa });
  const own = { hop: "shop", route: "GET /cart/{id}" };
  for (let step = 0; step < count; step++)
    collector.add({ step, exchangeId: step + 1, ...own, candidate: [], control: [], ...at(step) });
  return collector.finish();
}
const inShort = (found: readonly Divergence[]) =>
  found.map(({ place, kind, attribution, undecided }) =>
    [place, kind, undecided ? "undecided" : attribution].join(" "),
  );

/** Differences of three answers to one Step, of one value each. */
const three = (a: number, again: number, c: number) => ({
  candidate: a === c ? [] : [changed("body:/n", a, c)],
  control: a === again ? [] : [changed("body:/n", a, again)],
});
const jitter = (step: number, side: string) => 10 + (draw(side, step) - 0.5) * 1e-9;

const cases: readonly {
  title: string;
  steps?: number;
  at: (step: number) => Partial<StepComparison>;
  found: string[];
}[] = [
  {
    title: "a float that jitters in both versions is noise",
    at: (step) => three(jitter(step, "a"), jitter(step, "b"), jitter(step, "c")),
    found: ["body:/n changed-value noise"],
  },
  {
    title: "a float that jitters does not hide that it moved by a tenth",
    at: (step) => three(jitter(step, "a"), jitter(step, "b"), 11 + jitter(step, "c")),
    found: ["body:/n changed-value version"],
  },
  {
    title: "two counters, each of its own process, are noise wherever they stand",
    at: (step) => three(1000 + 2 * step, 1001 + 2 * step, 5 + step),
    found: ["body:/n changed-value noise"],
  },
  {
    title: "a time that is made anew does not hide that it moved to another time zone",
    at: (step) => {
      const time = (ms: number) => new Date(1_714_979_289_000 + step * 1000 + ms).toISOString();
      return {
        candidate: [changed("body:/at", time(0), time(7_200_000))],
        control: [changed("body:/at", time(0), time(12))],
      };
    },
    found: ["body:/at changed-value version"],
  },
  {
    title: "times that one process makes twice in a millisecond are noise when another makes them apart",
    at: (step) => {
      const time = (ms: number) => new Date(1_714_979_289_000 + step * 1000 + ms).toISOString();
      return {
        candidate: [changed("body:/at", time(0), time(7))],
        control: step % 3 === 0 ? [changed("body:/at", time(0), time(1))] : [],
      };
    },
    found: ["body:/at changed-value noise"],
  },
  {
    title: "an element that is noise does not hide another of its array",
    at: (step) => ({
      candidate: [changed("body:/items/0/n", step, step + 1), changed("body:/items/1/n", 1, 2)],
      control: [changed("body:/items/0/n", step, step + 2)],
    }),
    found: ["body:/items/*/n changed-value version"],
  },
  {
    title: "errors that come in both versions as seldom are noise, and so is what comes with them",
    steps: 400,
    at: (step) => ({
      candidate: step % 100 === 7 ? [status(200, 503), missing("body:/stars")] : [],
      control: step % 100 === 31 ? [status(200, 503), missing("body:/stars")] : [],
    }),
    found: ["status status noise", "body:/stars missing-field noise"],
  },
  {
    title: "a share of errors that is raised is the version's",
    steps: 400,
    at: (step) => ({
      candidate: step % 20 === 7 ? [status(200, 503)] : [],
      control: step % 100 === 31 ? [status(200, 503)] : [],
    }),
    found: ["status status version"],
  },
  {
    title: "structure that two answers of one version show as often is noise",
    at: (step) => ({
      candidate: step % 2 === 0 ? [missing("body:/offer")] : [],
      control: step % 2 === 1 ? [missing("body:/offer")] : [],
    }),
    found: ["body:/offer missing-field noise"],
  },
  {
    title: "structure that one version shows less often is no noise where a value would be: it is undecided",
    at: (step) => ({
      candidate: step < 6 ? [missing("body:/offer"), changed("body:/n", step, 7)] : [],
      control: step >= 38 ? [missing("body:/offer"), changed("body:/n", step, 9)] : [],
    }),
    found: ["body:/offer missing-field undecided", "body:/n changed-value noise"],
  },
];

for (const { title, steps = 40, at, found } of cases)
  test(title, () => assert.deepEqual(inShort(collect(steps, at)), found));

test("among many places that are noise, one that leans a little is not found guilty by chance", () => {
  const found = collect(60, (step) => {
    const of = (side: string) =>
      Array.from({ length: 200 }, (_, at) => at)
        .filter((at) => draw(side, step, at) < 0.2)
        .map((at) => changed(`body:/n${at}`, 0, draw(side, step, at)));
    return { candidate: of("candidate"), control: of("control") };
  });
  assert.deepEqual(found.filter(({ attribution }) => attribution === "version").length, 0);
  assert.ok(found.length > 190);
});

test("the evidence of what never was noise names its bound, 3 / n", () => {
  const [found] = collect(300, () => ({ candidate: [missing("body:/stars")] }));
  assert.equal(
    found!.evidence,
    "the baseline, sent everything twice, never differed from itself here in 300 Steps: noise here is rarer than 1 % (95 % confidence)",
  );
});

/** Numbers that are made anew, and for Steps 10 to 19 a pause of the candidate; then some are sent again. */
function paused(
  again: readonly { candidate: number; control: number }[],
  isPaused = (step: number) => step >= 10 && step < 20,
) {
  const collector = collectDivergences({ sides: aa });
  const own = { hop: "shop", route: "GET /cart/{id}" };
  const off = (of: { candidate: number; control: number }) => ({
    candidate: [changed("body:/ms", 5, 5 + of.candidate)],
    control: [changed("body:/ms", 5, 5 + of.control)],
  });
  for (let step = 0; step < 40; step++) {
    const candidate = isPaused(step) ? 400 : 1.5;
    collector.add({ step, exchangeId: step + 1, ...own, ...off({ candidate, control: 2 }) });
  }
  const wasInDoubt = collector.inDoubt().length > 0;
  for (const one of again) collector.addAgain({ step: 10, exchangeId: 11, ...own, ...off(one) }, []);
  const [found] = collector.finish();
  return { attribution: found!.attribution, evidence: found!.evidence, wasInDoubt };
}

test("what is farther off in one burst is asked again: a pause of a process is no doing of the version", () => {
  const once = paused([]);
  assert.deepEqual([once.attribution, once.wasInDoubt], ["version", true]);
  const near = paused([{ candidate: 1, control: 2 }]);
  assert.equal(near.attribution, "noise");
  assert.match(near.evidence!, /ten times as far off in 10 .* as a pause of a process does: sent again, in none of 1$/);
  const far = paused([
    { candidate: 1, control: 2 },
    { candidate: 300, control: 2 },
  ]);
  assert.equal(far.attribution, "version");
  assert.match(far.evidence!, /and in 1 of 2 sent again$/);
});

test("what is farther off again and again, among others, is the version's without being asked again", () => {
  const { attribution, wasInDoubt } = paused([], (step) => step % 3 === 0);
  assert.deepEqual([attribution, wasInDoubt], ["version", false]);
});

test("tokens of which a few have no digit are tokens all the same, whichever comes first", () => {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const token = (side: string, step: number) =>
    Array.from({ length: 24 }, (_, at) => letters[Math.floor(draw(side, step, at) * letters.length)]).join("");
  for (const plain of [0, 17]) {
    const collector = collectDivergences({ reference: "recorded" });
    for (let step = 0; step < 40; step++) {
      const digit = step === plain ? "" : "7";
      const [was, now] = ["a", "b"].map((side) => `${token(side, step).slice(digit.length)}${digit}`);
      const candidate = [changed("body:/token", was, now)];
      collector.add({ step, exchangeId: step + 1, hop: "shop", route: "GET /cart/{id}", candidate });
    }
    assert.deepEqual(inShort(collector.finish()), ["body:/token changed-value unproven-noise"], String(plain));
  }
});
