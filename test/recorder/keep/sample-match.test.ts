import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sampleMatch } from "../../../recorder/index.js";
import { drawOfTrace } from "../../../tape/where/trace-draw.js";

/** As Envoy and Istio match: the whole value. */
function matches(share: number, requestId: string): boolean {
  return new RegExp(`^(?:${sampleMatch(share).regex})$`).test(requestId);
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
const ending = fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), minLength: 4, maxLength: 4 });
const requestId = fc.tuple(fc.uuid(), ending).map(([uuid, end]) => uuid.slice(0, -4) + end);

test("the match chooses exactly the x-request-ids that a recorder with the share keeps", () => {
  fc.assert(
    fc.property(share, requestId, (wanted, id) => {
      assert.equal(matches(wanted, id), drawOfTrace({ requestId: id }, "request-id")! < wanted);
    }),
    { numRuns: 5000 },
  );
});

test("at its very edge they agree, too", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: -1, max: 1 }), (endings, beside) => {
      const id = (endings + beside).toString(16).padStart(4, "0").slice(-4);
      for (const wanted of [endings / 65_536, (endings - 0.5) / 65_536]) {
        assert.equal(matches(wanted, `x-${id}`), drawOfTrace({ requestId: `x-${id}` })! < wanted);
      }
    }),
  );
});

test("a quarter is the digits 0 to 3 in the fourth place from the end; all and nothing can be said", () => {
  assert.deepEqual(sampleMatch(0.25), { regex: ".*[0-3][0-9a-fA-F]{3}", endings: 16_384 });
  assert.deepEqual(sampleMatch(1), { regex: ".*[0-9a-fA-F]{4}", endings: 65_536 });
  assert.equal(matches(0, "6db69b60-1f03-4c1e-885b-5cab4cc20000"), false);
});

test("ids that do not end in hex digits are never matched", () => {
  for (const id of ["", "abc", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "6db69b60-1f03-4c1e-885b-5cab4cc2000g"]) {
    assert.equal(matches(1, id), false, id);
  }
});
