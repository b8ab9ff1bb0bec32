import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openHeap } from "../../replayer/heap.js";

test("what is put in comes out in ascending order, also when putting in and taking out mix", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer(), fc.constant("pop" as const))), (commands) => {
      const heap = openHeap<number>((item) => item);
      const model: number[] = [];
      for (const command of commands) {
        if (command === "pop") {
          assert.equal(heap.peek(), model[0]);
          assert.equal(heap.pop(), model.shift());
        } else {
          heap.push(command);
          model.push(command);
          model.sort((a, b) => a - b);
        }
        assert.equal(heap.size, model.length);
      }
    }),
  );
});
