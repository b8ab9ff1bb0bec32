import assert from "node:assert/strict";
import { test } from "node:test";
import { type Evidence, judge } from "../../replayer/judge.js";
import type { Attribution, Divergence, LaneSummary } from "../../tape/index.js";

const latency = { count: 0, min: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0, buckets: [] };
const lane = (changes: Partial<LaneSummary> = {}): LaneSummary => ({
  name: "candidate",
  role: "candidate",
  target: "http://127.0.0.1:1",
  sent: 10,
  answered: 10,
  statuses: {},
  fromSent: latency,
  fromDue: latency,
  ...changes,
});
const divergence = (attribution: Attribution): Divergence => ({
  number: 1,
  hop: "reviews",
  route: "GET /reviews/{id}",
  place: "status",
  kind: "status",
  severity: "high",
  attribution,
  evidence: "",
  count: 3,
  of: 10,
  sinceExchange: 1,
  examples: [],
  surfaced: [],
});
const evidence = (changes: Partial<Evidence> = {}): Evidence => ({
  selected: 10,
  steps: 10,
  sent: 10,
  answered: 10,
  compared: 10,
  live: 1,
  minLive: 0.9,
  order: { order: "recorded", required: 9, violated: 0, startInversions: 0 },
  lanes: [lane()],
  divergences: [],
  reference: "recorded",
  interrupted: false,
  coverage: { seen: 10, kept: 10, dropped: 0, sampledOut: 0, undecided: 0, share: 1, recorders: [], gaps: [] },
  ...changes,
});

const diverged = { divergences: [divergence("version")] };
const thinTape = {
  coverage: { seen: 12, kept: 9, dropped: 1, sampledOut: 2, undecided: 0, share: 0.9, recorders: [], gaps: [] },
};
const stub = { service: "reviews", served: 3, inferred: 0, missed: 0, misses: [] };
const fewInWords =
  /^only 10 of 30 selected calls were compared, 50% are needed; 18 were not sent: they may write \(--allow-writes /;
const table: [string, Partial<Evidence>, "passed" | "diverged" | "inconclusive", RegExp][] = [
  ["all compared, none differs", {}, "passed", /10 of 10 answers compared/],
  [
    "a version's divergence",
    diverged,
    "diverged",
    /^1 divergence is due to the version: GET \/reviews\/\{id\}: status at status, 3 of 10$/,
  ],
  [
    "an unattributed divergence",
    { divergences: [divergence("unattributed")] },
    "diverged",
    /^1 divergence: GET .*status/,
  ],
  ["a fault's divergence", { divergences: [divergence("fault")] }, "diverged", /status/],
  [
    "a fault's divergence that is contained",
    { divergences: [{ ...divergence("fault"), blast: "contained" }] },
    "passed",
    /none diverged/,
  ],
  [
    "what faults do to the old version",
    {
      lanes: [lane({ name: "baseline+faults", role: "baseline" }), lane()],
      divergences: [
        {
          ...divergence("fault"),
          blast: "propagated",
          lanes: [{ lane: "baseline+faults", reference: "baseline", count: 3, of: 3 }],
        },
      ],
    },
    "passed",
    /none diverged/,
  ],
  [
    "unproven noise, strictly",
    { divergences: [divergence("unproven-noise")], strict: true },
    "diverged",
    /status at status/,
  ],
  [
    "undecided alone",
    { divergences: [{ ...divergence("unattributed"), undecided: true }] },
    "inconclusive",
    /undecided whether it is noise: GET \/reviews\/\{id\}: status/,
  ],
  [
    "undecided, and a version's",
    { divergences: [{ ...divergence("unattributed"), undecided: true }, divergence("version")] },
    "diverged",
    /3 of 10$/,
  ],
  ["what was known", { divergences: [{ ...divergence("version"), known: true }] }, "passed", /none diverged/],
  [
    "a mute lane by hand",
    { lanes: [lane({ name: "next", answered: 0 })] },
    "inconclusive",
    /candidate "next" at .* answered none of 10/,
  ],
  [
    "a lane that TLS fails with",
    { lanes: [lane({ answered: 0, sent: 10, statuses: { tls: 10 } })] },
    "inconclusive",
    /answered none of 10 requests, for TLS failed: --target-ca/,
  ],
  ["an interaction", { divergences: [divergence("interaction")] }, "diverged", /status/],
  ["noise alone", { divergences: [divergence("noise"), divergence("unproven-noise")] }, "passed", /none diverged/],
  ["noise and a version's", { divergences: [divergence("noise"), divergence("version")] }, "diverged", /3 of 10$/],
  ["nothing selected", { selected: 0, steps: 0, sent: 0 }, "inconclusive", /no call on the tape was selected/],
  ["nothing sendable", { steps: 0, sent: 0 }, "inconclusive", /none of the 10 selected calls can be sent/],
  ["a mute target", { lanes: [lane({ answered: 0 })] }, "inconclusive", /candidate .* answered none of 10/],
  [
    "a mute baseline",
    { lanes: [lane({ role: "baseline", answered: 0 }), lane()] },
    "inconclusive",
    /baseline .* answered none/,
  ],
  ["interrupted", { interrupted: true, sent: 4 }, "inconclusive", /interrupted after 4 of 10/],
  [
    "order not kept",
    { order: { order: "recorded", required: 9, violated: 2, startInversions: 0 } },
    "inconclusive",
    /2 of 9 required edges/,
  ],
  ["no reference", { compared: 0 }, "inconclusive", /--baseline/],
  ["less on the tape than is asked for", { ...diverged, ...thinTape, floor: 0.99 }, "inconclusive", /holds 90% .*99%$/],
  ["as much on the tape as is asked for", { ...diverged, ...thinTape, floor: 0.9 }, "diverged", /3 of 10$/],
  ["a thin tape that nobody asked about", thinTape, "passed", /none diverged/],
  ["statuses alone that agree", { comparedByStatus: 10 }, "inconclusive", /only statuses .* --baseline/],
  ["statuses alone that differ", { ...diverged, comparedByStatus: 10 }, "diverged", /3 of 10/],
  ["some by status alone", { comparedByStatus: 4 }, "passed", /10 of 10 answers compared, 4 of them by their status/],
  [
    "some not sent for want of a value",
    { steps: 10, blocked: 1 },
    "inconclusive",
    /^1 of 10 requests were not sent: a live/,
  ],
  ["as many not sent as are allowed", { steps: 10, blocked: 1, maxBlocked: 0.1 }, "passed", /none diverged/],
  ["some not sent, and one that diverged", { ...diverged, steps: 10, blocked: 1 }, "diverged", /3 of 10/],
  ["not live", { live: 0.8999 }, "inconclusive", /target answered 89.9% .* 90% are needed/],
  ["just live", { live: 0.9 }, "passed", /none diverged/],
  [
    "few of what was selected",
    { selected: 30, notSent: { upgrade: 2, "unsafe-method": 18 } },
    "inconclusive",
    fewInWords,
  ],
  ["as few as are allowed", { selected: 30, minCompared: 0.3 }, "passed", /; 20 of 30 selected calls were not sent$/],
  ["few of what was selected, and one that diverged", { ...diverged, selected: 30 }, "diverged", /3 of 10/],
  ["errors alone", { served: false }, "inconclusive", /^every answer was an error, .* --min-live 0/],
  ["errors alone, and meant", { served: false, minLive: 0 }, "passed", /none diverged/],
  ["a stub that was never asked", { stub: { ...stub, served: 0 } }, "inconclusive", /^reviews never called the stub/],
  ["a stub that was asked", { stub }, "passed", /none diverged/],
  ["diverged and not live", { ...diverged, live: 0.5 }, "inconclusive", /50%/],
  ["diverged and interrupted", { ...diverged, interrupted: true }, "inconclusive", /interrupted/],
];

for (const [name, changes, kind, reason] of table) {
  test(`${name}: ${kind}`, () => {
    const verdict = judge(evidence(changes));
    assert.equal(verdict.kind, kind);
    assert.match(verdict.reasons.join("; "), reason);
  });
}

test("a verdict says how many divergences, what they are due to, in how many routes, and the first at its hop", () => {
  const status = { examples: [{ exchangeId: 1, step: 0, expected: "200", actual: "500" }], firstHop: "it is" };
  const { reasons } = judge(
    evidence({
      divergences: [
        { ...divergence("version"), ...status },
        divergence("version"),
        { ...divergence("interaction"), route: "GET /x" },
      ],
    }),
  );
  assert.deepEqual(reasons, [
    "2 divergences are due to the version and 1 to the version under a fault, in 2 routes; first at reviews GET /reviews/{id}: status 200 → 500, 3 of 10",
  ]);
});
