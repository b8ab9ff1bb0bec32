import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { renderText } from "../../report/index.js";
import { columnsOf } from "../../report/text/columns.js";
import { bookinfoRun } from "../support/bookinfo-run.js";
import { blockedSteps, divergence, lane, latencyOf, runSummary } from "../support/run-summary.js";

const plain = { color: false, width: 80 };
const full = { ...plain, full: true };

/** The text up to the latency tables. */
function upToLatency(text: string): string {
  return text.slice(0, text.indexOf("\nLatency from sent"));
}

test("a run that passed, in full, is told with both latencies and histograms", () => {
  const latency = latencyOf([1, 2, 2, 3, 10]);
  const lanes = [lane({ statuses: { "200": 4, reset: 1 }, fromSent: latency, fromDue: latency })];
  assert.equal(
    renderText(runSummary({ lanes, warnings: ["one call has no recorded end"] }), full),
    `Passed: 5 compared answers agree with the recording

No divergences

Order     recorded: 7 edges required, 0 violated
Live      100% of Steps, at least 90% needed
Sent      5 of 5 Steps, 5 answered, 5 compared
Not sent  1 truncated
Lateness  p50 0.10, p99 0.40, max 0.40 ms
Tape      6 exchanges, 0 dropped, 1 truncated, 0 gaps

Latency from sent, service time (ms)
             count   p50   p90   p99  p99.9   max  mean
  recorded       5  2.00  8.00  8.00   8.00  8.00  2.80
  candidate      5  2.00  10.0  10.0   10.0  10.0  3.60

Latency from due, what a user would have felt (ms)
             count   p50   p90   p99  p99.9   max  mean
  candidate      5  2.00  10.0  10.0   10.0  10.0  3.60

Histogram, from sent (up to ms)
         recorded                            candidate
   1.26  ■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■ 2  ■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■ 1
   1.58  ■■■■■■■■■■■■■■■■ 1                  ■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■ 1
   2.00
   2.51  ■■■■■■■■■■■■■■■■ 1                  ■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■ 1
   3.16                                      ■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■ 1
   3.98
   5.01
   6.31
   7.94
   10.0  ■■■■■■■■■■■■■■■■ 1                  ■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■ 1

Statuses
         recorded  candidate
  200           5          4
  reset         0          1

Warnings
  ! one call has no recorded end

Run r-7f3a9c: order recorded, pace asap, all calls, 1.2 s
See both sides: tapeloop report RUN --out DIR, or --serve for every exchange;
--full for all as text
`,
  );
});

test("in full, divergences come grouped, each with cause, surfaced places and an example, noise after them", () => {
  assert.equal(
    upToLatency(renderText(bookinfoRun().summary, { color: false, width: 100, full: true })),
    `Diverged: 2 divergences are due to the version and 1 to the version under a fault; in 3 of 6 routes

3 divergences

   1  GET /reviews/{id} at reviews: /reviews/*/rating/stars number → missing, 142 of 142, since
      exchange 17
      version, high: the baseline gave what the recording has in 142 of 142 Steps; the candidate
      never did
      surfaced  GET /api/v1/products/{id}/reviews at productpage: /reviews/*/rating/stars present →
                missing, 142
      expected  5
      actual    missing

   2  GET /ratings/{id} at ratings: status 200 → 500, 14 of 142, since exchange 58
      interaction, high: without the fault both versions answer 200; under abort ratings 10% only
      the candidate answers 500
      surfaced  GET /reviews/{id} at reviews: status changed, 14
      surfaced  GET /productpage at productpage: body text changed, 14
      expected  200
      actual    500

   3  GET /details/{id} at details: header cache-control changed, e.g. max-age=60 → no-store, 142 of
      142, since exchange 18
      version, medium: the baseline gave what the recording has in 142 of 142 Steps
      expected  max-age=60
      actual    no-store

Noise (1 group, not held against the run)
   4  GET /reviews/{id} at reviews: /podname changed, e.g. "reviews-v2-7bf98" → "reviews-v4-58c7d",
      142 of 142, since exchange 17

Order     recorded: 15,214 edges required, 0 violated, 4 starts inverted
Live      99.8% of Steps, at least 90% needed
Sent      1,874 of 1,882 Steps, 1,871 answered, 1,871 compared
Not sent  8 unsafe-method, 3 truncated, 2 upgrade
Lateness  p50 0.12, p99 3.40, max 18.2 ms
Tape      1,896 exchanges, 0 dropped, 3 truncated, 0 gaps
`,
  );
});

test("an inconclusive run says so first, with every reason", () => {
  const reasons = ["the target answered 12% of the requests with the recorded status class", "90% are needed"];
  const [first] = renderText(runSummary({ verdict: "inconclusive", reasons }), { color: false, width: 200 }).split(
    "\n",
  );
  assert.equal(first, `Inconclusive: ${reasons.join("; ")}`);
});

test("hundreds of groups stay readable, and the rest is counted", () => {
  const many = Array.from({ length: 500 }, (_, at) =>
    divergence({ number: at + 1, place: `body:/field${at}`, attribution: at < 400 ? "version" : "noise" }),
  );
  const text = renderText(runSummary({ verdict: "diverged", divergences: many }), full);
  assert.match(text, /^400 divergences$/m);
  assert.match(text, /\n {6}and 380 more in report\.json\n\nNoise \(100 groups/);
  assert.match(text, /\n {6}and 92 more in report\.json\n\nOrder /);
  assert.ok(text.split("\n").length < 220);
});

test("lines keep within the width, tables and histograms too, from 60 columns on", () => {
  const long = "x".repeat(300);
  const wide = divergence({ route: `GET /${"段".repeat(80)}`, evidence: `${long} ${long}`, place: `body:/${long}` });
  const { summary } = bookinfoRun();
  const divergences = [...summary.divergences, wide];
  for (const width of [60, 80, 100, 132, 200]) {
    for (const isFull of [false, true]) {
      const all = { ...summary, divergences: [wide, ...divergences], warnings: [long] };
      const lines = renderText(all, { color: false, width, full: isFull }).split("\n");
      assert.deepEqual(
        lines.filter((line) => columnsOf(line) > width),
        [],
        `width ${width}`,
      );
    }
  }
});

test("colour is only there when asked for, and says nothing that the words do not", () => {
  const { summary } = bookinfoRun();
  for (const isFull of [false, true]) {
    const text = renderText(summary, { color: false, width: 100, full: isFull });
    const painted = renderText(summary, { color: true, width: 100, full: isFull });
    assert.equal(text.includes("\u001b"), false);
    assert.notEqual(painted, text);
    assert.equal(stripVTControlCharacters(painted), text);
  }
});

test("nothing from traffic reaches the terminal as a command", () => {
  const hostile = "\u001b]0;owned\u0007\u001b[2J\u202e\r\n";
  const summary = runSummary({
    run: hostile,
    reasons: [hostile],
    warnings: [hostile],
    settings: { order: "recorded", pace: "asap", selection: hostile, baseline: false },
    lanes: [lane({ name: hostile, statuses: { [hostile]: 1 } })],
    divergences: [
      divergence({
        hop: hostile,
        route: hostile,
        place: `header:${hostile}`,
        evidence: hostile,
        examples: [{ exchangeId: 1, step: 0, expected: hostile, actual: hostile }],
        surfaced: [{ hop: hostile, route: hostile, place: hostile, kind: "status", count: 1 }],
      }),
    ],
    latencyInvalid: hostile,
    blocked: [blockedSteps({ producerRoute: hostile })],
  });
  for (const options of [plain, full]) assert.doesNotMatch(renderText(summary, options), /(?!\n)\p{Cc}|\p{Cf}/u);
});

test("a run that sent nothing is still told", () => {
  const none = latencyOf([]);
  const { recordedLatency, recordedStatuses, ...rest } = runSummary();
  const empty = { ...rest, verdict: "inconclusive" as const, sent: 0, answered: 0, compared: 0, live: 0 };
  const lanes = [lane({ sent: 0, answered: 0, statuses: {}, fromSent: none, fromDue: none })];
  const text = renderText({ ...empty, lanes, notSent: {}, timeline: [] }, full);
  assert.match(text, /^ {2}candidate +0 +- +- +- +- +- +-$/m);
  assert.match(text, /^Not sent {2}none$/m);
  assert.doesNotMatch(text, /NaN|Infinity|undefined/);
});

test("one screen says whether it changed, what, where first and why, also for four lanes", () => {
  const { summary } = bookinfoRun();
  const lanes = ["", "+faults"].flatMap((faults) =>
    (["baseline", "candidate"] as const).map((role, at) =>
      lane({ name: role + faults, role, statuses: { "200": 9 - at, "500": at, reset: at }, ...(faults && { faults }) }),
    ),
  );
  const [first, second, ...others] = summary.divergences;
  const divergences = [
    first!,
    { ...second!, blast: "propagated" as const, firstHop: "ratings answered alike" },
    ...others,
  ];
  const text = renderText(
    { ...summary, divergences, lanes, latencyInvalid: "12 % were late" },
    { color: false, width: 100 },
  );
  assert.equal(
    text,
    `Diverged: 2 divergences are due to the version and 1 to the version under a fault; in 3 of 6 routes

3 divergences: 2 version, 1 interaction
   1  GET /reviews/{id} at reviews: /reviews/*/rating/stars number → missing, 142 of 142, since
      exchange 17
      version, high: the baseline gave what the recording has in 142 of 142 Steps; the candidate
      never did
      5 → missing   surfaced at productpage
   2  GET /ratings/{id} at ratings: status 200 → 500, 14 of 142, since exchange 58
      interaction, high, propagated: without the fault both versions answer 200; under abort ratings
      10% only the candidate answers 500; ratings answered alike
      surfaced at reviews, productpage
   3  GET /details/{id} at details: header cache-control changed, e.g. max-age=60 → no-store, 142 of
      142, since exchange 18
      version, medium: the baseline gave what the recording has in 142 of 142 Steps
      beside 1 group of noise, not held against the run

Order     recorded: 15,214 edges required, 0 violated, 4 starts inverted
Live      99.8% of Steps, at least 90% needed
Sent      1,874 of 1,882 Steps, 1,871 answered, 1,871 compared
Not sent  8 unsafe-method, 3 truncated, 2 upgrade
Latency   not valid: 12 % were late
Lateness  p50 0.12, p99 3.40, max 18.2 ms
Tape      1,896 exchanges, 0 dropped, 3 truncated, 0 gaps

Lanes, service time in ms
                    answers    2xx  4xx  5xx  failed   p50   p90   p99   max
  recorded            1,874  1,860   14    0       0  11.2  22.0  48.9   110
  baseline                5      9    0    0       0  2.00  10.0  10.0  10.0
  baseline+faults         5      9    0    0       0  2.00  10.0  10.0  10.0
  candidate               5      8    0    1       1  2.00  10.0  10.0  10.0
  candidate+faults        5      8    0    1       1  2.00  10.0  10.0  10.0

  ! 8 calls may write and were not sent; --allow-writes sends them

Run r-7f3a9c: order recorded, pace recorded, --entry, 48.2 s
See both sides: tapeloop report RUN --out DIR, or --serve for every exchange; --full for all as text
`,
  );
});

test("hundreds of groups and warnings still stand on one screen, and what is left out is counted", () => {
  const long = "a reason that goes on and on ".repeat(20);
  const divergences = Array.from({ length: 500 }, (_, at) =>
    divergence({
      number: at + 1,
      place: `body:/field${at}`,
      evidence: long,
      known: at % 5 === 4 || undefined,
    } as never),
  );
  const text = renderText(
    runSummary({
      verdict: "diverged",
      divergences,
      warnings: Array.from({ length: 40 }, () => long),
      blocked: [blockedSteps(), blockedSteps({ count: 3 })],
      rules: [{ rule: "ignore", text: "x", hid: 7, unused: false }],
      stub: { service: "reviews", served: 4, inferred: 1, missed: 2, misses: [] },
      expectedGone: [{ hop: "a", route: "b", place: "status", kind: "status", met: true }],
    }),
    plain,
  );
  assert.match(text, /^400 divergences$/m);
  assert.match(text, /^ {6}and 395 more: --full, or report\.html$/m);
  assert.match(text, /^ {6}beside 100 known divergences, not held against the run$/m);
  assert.match(text, /^ {6}of 1 divergence expected to be gone, 1 still there$/m);
  assert.match(text, /^Blocked {3}15 calls, most by POST \/orders \(exchange 27\): its answer lacked what$/m);
  assert.match(text, /^Rules {5}1 hid 7 Differences, 0 never met$/m);
  assert.match(text, /^Stub {6}4 answered from the tape, 2 missing there$/m);
  assert.match(text, /^ {2}! and 37 warnings more: --full$/m);
  assert.ok(text.split("\n").length <= 60, `${text.split("\n").length} lines`);
});
