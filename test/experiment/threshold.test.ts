import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseComparison } from "../../experiment/file/comparison.js";
import type { StreamMeasure } from "../../experiment/file/schema.js";
import { chosenDivergences, speaksAgainst } from "../../experiment/threshold/divergences.js";
import { addLatency, type LatencyCounts, percentileOf } from "../../experiment/threshold/latencies.js";
import type { Reading } from "../../experiment/threshold/reading.js";
import { StreamMeter } from "../../experiment/threshold/stream.js";
import { Tracker } from "../../experiment/threshold/tracker.js";
import { Window } from "../../experiment/threshold/window.js";
import { divergence } from "../support/run-summary.js";

const moments = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }).map((gaps) => {
  let atMs = 0;
  return gaps.map((gap) => {
    atMs += gap;
    return atMs;
  });
});

test("a window holds all of its length, and no more than a hundredth beyond it", () => {
  fc.assert(
    fc.property(
      moments,
      fc.integer({ min: 100, max: 5_000 }),
      fc.integer({ min: 0, max: 3_000 }),
      (events, lengthMs, later) => {
        const window = new Window(lengthMs, () => ({ count: 0 }));
        for (const atMs of events) window.at(atMs).count++;
        const nowMs = (events.at(-1) ?? 0) + later;
        const counted = window.within(nowMs).reduce((sum, { count }) => sum + count, 0);
        const since = (ms: number) => events.filter((atMs) => atMs > nowMs - ms).length;
        assert.ok(counted >= since(lengthMs), `${counted} of at least ${since(lengthMs)}`);
        assert.ok(counted <= since(lengthMs * 1.0101 + 1), `${counted} of at most ${since(lengthMs * 1.0101 + 1)}`);
      },
    ),
  );
});

test("a percentile is at least the exact one and at most two hundredths above it", () => {
  const latencies = fc.array(fc.double({ min: 0.2, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(latencies, fc.constantFrom(0.5, 0.9, 0.99), (all, share) => {
      const parts: LatencyCounts[] = [new Map(), new Map()];
      for (const [at, tookMs] of all.entries()) addLatency(parts[at % 2]!, tookMs);
      const exact = all.toSorted((one, other) => one - other)[Math.ceil(all.length * share) - 1]!;
      const told = percentileOf(parts, share)!;
      assert.ok(told >= exact * 0.9999 && told <= exact * 1.0201, `${told} for ${exact}`);
    }),
  );
  assert.equal(percentileOf([], 0.5), undefined);
});

const meterFor = (measure: StreamMeasure, trips: string, lanes = ["candidate"]) =>
  new StreamMeter({ measure, windowMs: 1_000, comparison: parseComparison(trips)!, lanes });
const outcome = (answered: string, lane = "candidate", tookMs = 5) => ({
  ...{ lane, answered, said: answered, tookMs },
  isResponse: /^\d/.test(answered),
});
const step = (answered: string, lane?: string, tookMs?: number) => ({
  differs: false,
  outcomes: [outcome(answered, lane, tookMs)],
});

test("more than ten failed in a second trips at the eleventh, and not when they are spread", () => {
  const meter = meterFor("failed", "> 10");
  meter.begin(["candidate"], 0);
  assert.equal(meter.read(0).kind, "value");
  for (let at = 0; at < 10; at++) meter.add(step(at % 2 ? "503" : "reset"), 100);
  assert.deepEqual(meter.read(100), { kind: "value", of: "candidate", value: 10, trips: false });
  meter.add(step("500"), 101);
  assert.deepEqual(meter.read(101), { kind: "value", of: "candidate", value: 11, trips: true });
  const spread = meterFor("failed", "> 10");
  spread.begin(["candidate"], 0);
  for (let at = 0; at < 100; at++) {
    spread.add(step("503"), at * 150);
    assert.equal((spread.read(at * 150) as { trips: boolean }).trips, false);
  }
});

test("a lane is judged by itself: what another one answers does not thin its errors out", () => {
  const meter = meterFor("errors", "> 50%", ["candidate", "candidate+faults"]);
  meter.begin(["candidate", "candidate+faults", "baseline"], 0);
  for (let at = 0; at < 20; at++) {
    meter.add(
      { differs: false, outcomes: [outcome("200"), outcome("503", "candidate+faults"), outcome("503", "baseline")] },
      at,
    );
  }
  assert.deepEqual(meter.read(20), { kind: "value", of: "candidate+faults", value: 1, trips: true });
});

test("of too few answers a share and a percentile say nothing, nor throughput before its window is over", () => {
  const errors = meterFor("errors", "> 1%");
  errors.begin(["candidate"], 0);
  for (let at = 0; at < 9; at++) errors.add(step("503"), at);
  assert.equal(errors.read(9).kind, "early");
  errors.add(step("503"), 9);
  assert.equal((errors.read(9) as { trips: boolean }).trips, true);
  const throughput = meterFor("throughput", "< 5/s");
  throughput.begin(["candidate"], 0);
  for (let at = 0; at < 10; at++) throughput.add(step("200"), at * 50);
  assert.equal(throughput.read(999).kind, "early");
  assert.deepEqual(throughput.read(1_000), { kind: "value", of: "candidate", value: 10, trips: false });
  // A target that hangs answers nothing: that is the least throughput of all.
  assert.deepEqual(throughput.read(5_000), { kind: "value", of: "candidate", value: 0, trips: true });
  const p90 = meterFor("p90", "> 100ms");
  p90.begin(["candidate"], 0);
  for (let at = 0; at < 20; at++) p90.add(step("200", "candidate", at < 17 ? 10 : 300), at);
  assert.equal((p90.read(20) as { trips: boolean }).trips, true);
});

test("a lane that is not sent to any more is not measured", () => {
  const meter = meterFor("throughput", "< 5/s", ["candidate", "candidate+faults"]);
  meter.begin(["candidate"], 0);
  meter.begin(["candidate+faults"], 2_000);
  assert.equal(meter.read(2_500).kind, "early");
  assert.deepEqual(meter.read(3_100), { kind: "value", of: "candidate+faults", value: 0, trips: true });
});

const value = (trips: boolean): Reading => ({ kind: "value", value: trips ? 9 : 1, trips });
const unknown: Reading = { kind: "unknown", why: "the result is empty" };

test("`for` asks that it was so the whole time: one good reading between begins anew", () => {
  const tracker = new Tracker({ forMs: 1_000, unknownForMs: 0 });
  assert.equal(tracker.take(0, value(true)).kind, "near");
  assert.equal(tracker.take(500, value(false)).kind, "well");
  assert.equal(tracker.take(600, value(true)).kind, "near");
  assert.equal(tracker.take(1_500, value(true)).kind, "near");
  assert.deepEqual(tracker.take(1_600, value(true)), { kind: "tripped", atMs: 1_600, value: 9 });
  assert.equal(tracker.take(1_700, value(false)).kind, "tripped");
});

test("without a reading it is unknown at once, or after as long as is allowed, and never well", () => {
  const strict = new Tracker({ forMs: 0, unknownForMs: 0 });
  assert.equal(strict.take(0, unknown).kind, "unknown");
  assert.equal(strict.take(1, value(false)).kind, "unknown");
  const patient = new Tracker({ forMs: 0, unknownForMs: 1_000 });
  assert.equal(patient.take(0, value(false)).kind, "well");
  assert.equal(patient.take(100, unknown).kind, "well");
  assert.equal(patient.take(600, value(false)).kind, "well");
  assert.equal(patient.take(700, unknown).kind, "well");
  assert.equal(patient.close(800).kind, "unknown");
  const never = new Tracker({ forMs: 0, unknownForMs: 0 });
  never.take(0, { kind: "early", why: "too few answers" });
  assert.deepEqual(never.close(10), { kind: "unknown", atMs: 10, why: "it gave no reading: too few answers" });
});

test("whatever is read: a tracker ends well only after a reading that was good, with none missing at the end", () => {
  const readings = fc.constantFrom<Reading>(value(true), value(false), unknown, { kind: "early", why: "too few" });
  const patience = fc.record({ forMs: fc.constantFrom(0, 15), unknownForMs: fc.constantFrom(0, 15) });
  fc.assert(
    fc.property(fc.array(readings, { maxLength: 20 }), patience, (read, allowed) => {
      const tracker = new Tracker(allowed);
      for (const [at, reading] of read.entries()) tracker.take(at * 10, reading);
      const ended = tracker.close(read.length * 10).kind;
      if (ended === "tripped") assert.ok(read.some((one) => one.kind === "value" && one.trips));
      if (ended !== "well" && ended !== "near") return;
      assert.ok(read.some(({ kind }) => kind === "value"));
      assert.notEqual(read.at(-1)!.kind, "unknown");
    }),
  );
});

test("a long history is thinned out and keeps its newest", () => {
  const tracker = new Tracker({ forMs: 0, unknownForMs: 0 });
  for (let at = 0; at <= 100_000; at++) tracker.take(at, { kind: "value", value: at, trips: false });
  assert.ok(tracker.history.length <= 2_000);
  assert.equal(tracker.history.at(-1)!.value, 100_000);
});

test("divergences are chosen by what a threshold says of them; noise and known ones only when they are named", () => {
  const found = [
    divergence({ number: 1, attribution: "version", blast: "propagated", severity: "high" }),
    divergence({ number: 2, attribution: "fault", blast: "contained" }),
    divergence({ number: 3, attribution: "noise" }),
    divergence({ number: 4, attribution: "version", known: true }),
    divergence({ number: 5, attribution: "interaction" }),
  ];
  const numbers = (choice: Parameters<typeof chosenDivergences>[1]) =>
    chosenDivergences(found, choice).map(({ number }) => number);
  assert.deepEqual(numbers({}), [1, 2, 5]);
  assert.deepEqual(numbers({ attribution: ["version", "interaction"] }), [1, 5]);
  assert.deepEqual(numbers({ attribution: ["version", "interaction"], blast: ["propagated"] }), [1]);
  assert.deepEqual(numbers({ attribution: ["noise"] }), [3]);
  assert.deepEqual(
    found.filter(speaksAgainst).map(({ number }) => number),
    [1, 5],
  );
});
