import assert from "node:assert/strict";
import { test } from "node:test";
import { Leanings } from "../../../replayer/noise/leanings.js";

const apart = (size: number) => ({ size, least: 0 });

test("distances that lean alike in a row are one burst; what lies between ends it", () => {
  const leanings = new Leanings();
  const told = [
    ...[20, 20, 20, 1, 20],
    // Less than a tenth of the other's.
    ...[0.01, 0.01, 5, 0.01, 20],
  ].map((size) => leanings.add(apart(size), apart(1)));
  assert.deepEqual(told, [true, true, true, false, true, false, false, false, false, true]);
  const { farther, nearer, fartherBursts, nearerBursts } = leanings;
  assert.deepEqual(
    { farther, nearer, fartherBursts, nearerBursts },
    { farther: 5, nearer: 3, fartherBursts: 3, nearerBursts: 2 },
  );
});
