import assert from "node:assert/strict";
import { test } from "node:test";
import { LinkTable } from "../../../replayer/carry/links/table.js";
import { type Live, LiveValues } from "../../../replayer/carry/live-values.js";

const live: Live = { kind: "blocked", by: 1, route: "GET /a" };

/** Each even Step gives something to the Step after it. */
function pairs(count: number): { values: LiveValues; pass: (producer: number) => void } {
  const links = new LinkTable(2 * count);
  for (let producerStep = 0; producerStep < 2 * count; producerStep += 2) {
    const places = { producerPlace: "body:/id", consumerPlace: "path/1" };
    links.add({ ...places, producerStep, consumerStep: producerStep + 1, surety: "certain" });
  }
  const values = new LiveValues(links);
  const pass = (producer: number) => {
    values.set(producer, live);
    values.release(producer + 1);
  };
  return { values, pass };
}

test("what a Step gave is there until its consumers were made ready, and for 20,000 others after that", () => {
  const { values, pass } = pairs(20_001);
  values.set(0, live);
  assert.equal(values.of(0), live);
  values.release(1);
  for (let at = 1; at < 20_000; at++) pass(2 * at);
  assert.equal(values.of(0), live);
  pass(40_000);
  assert.equal(values.of(0), undefined);
  assert.equal(values.of(2), live);
});

test("what is given again keeps its place among those that are kept, and takes none of another", () => {
  const { values, pass } = pairs(20_001);
  for (let at = 0; at < 20_000; at++) pass(2 * at);
  pass(2 * 15_000);
  assert.equal(values.of(0), live);
  pass(40_000);
  assert.equal(values.of(0), undefined);
  assert.equal(values.of(2), live);
  assert.equal(values.of(2 * 15_000), live);
});
