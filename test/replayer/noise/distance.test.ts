import assert from "node:assert/strict";
import { test } from "node:test";
import { classBreak, distanceBetween, isFarther } from "../../../replayer/noise/distance.js";

test("numbers and times have a distance, other values none", () => {
  assert.equal(distanceBetween("1.5", "4")?.size, 2.5);
  assert.equal(distanceBetween('"2024-05-06T07:08:09Z"', '"2024-05-06T07:08:11Z"')?.size, 2_000);
  assert.equal(distanceBetween("1714979289", "1714979290")?.size, 1_000);
  assert.equal(distanceBetween('"Mon, 06 May 2024 07:08:09 GMT"', '"Mon, 06 May 2024 07:08:10 GMT"')?.size, 1_000);
  assert.equal(distanceBetween('"a"', '"b"'), undefined);
  assert.equal(distanceBetween("1", '"1"'), undefined);
});

test("ten times as far is farther; times within a minute are not apart", () => {
  const number = (size: number) => ({ size, least: 0 });
  assert.equal(isFarther(number(0.5), number(1e-9)), true);
  assert.equal(isFarther(number(9), number(1)), false);
  assert.equal(isFarther(number(1), number(0)), true);
  const time = (size: number) => ({ size, least: 60_000 });
  assert.equal(isFarther(time(30_000), time(10)), false);
  assert.equal(isFarther(time(7_200_000), time(10)), true);
});

const breaks: [string, string, string, boolean][] = [
  ["none", '"2024-05-06T07:08:09Z"', '"2024-05-06T07:08:12Z"', true],
  ["shift", '"2024-05-06T07:08:09Z"', '"2024-05-06T09:08:10Z"', true],
  ["none", '"2024-05-06T07:08:09Z"', '"2024-05-06T09:08:10Z"', false],
  ["class", '"2024-05-06T07:08:09Z"', '"2024-05-06T09:08:09+02:00"', true],
  ["class", '"2024-05-06T07:08:09Z"', '"never"', false],
  ["shift", "1714979289000", "1714986489000", true],
  ["none", '"a"', '"b"', true],
];

for (const [found, expected, actual, live] of breaks) {
  test(`${expected} → ${actual}${live ? ", both live" : ""}: ${found}`, () =>
    assert.equal(classBreak(expected, actual, live), found));
}
