import assert from "node:assert/strict";
import { test } from "node:test";
import { chanceOfContainment, chanceOfNoise, noiseBound } from "../../../replayer/noise/chance.js";

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

test("the chance of heads is exact", () => {
  near(chanceOfNoise(0, 0), 1);
  near(chanceOfNoise(1, 0), 1 / 2);
  near(chanceOfNoise(4, 0), 1 / 16);
  near(chanceOfNoise(5, 0), 1 / 32);
  near(chanceOfNoise(7, 1), 9 / 256);
  near(chanceOfNoise(1, 7), 255 / 256);
  near(chanceOfNoise(0, 7), 1);
});

test("the chance stays right for hundreds of thousands of pairs", () => {
  near(chanceOfNoise(500_001, 500_000), 0.5);
  // A hundred thousand tosses, 50,500 against 49,500: about 3.16 standard deviations above the mean.
  assert.ok(Math.abs(chanceOfNoise(50_500, 49_500) - 0.00079) < 0.0001);
  assert.equal(chanceOfNoise(2_000_000, 0), 0);
});

test("containment by chance follows from drawing without putting back", () => {
  near(chanceOfContainment(10, 5, 2), (5 / 10) * (4 / 9));
  near(chanceOfContainment(142, 142, 142), 1);
  near(chanceOfContainment(10, 1, 2), 0);
});

test("no noise in n pairs bounds it at 3/n", () => {
  near(noiseBound(300), 0.01);
  near(noiseBound(1), 1);
});
