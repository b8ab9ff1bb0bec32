import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { StartTable } from "../../../../tape/redaction/text/starts.js";

const starts = ["key", "auth", "sk_", "AKI", "---", "5Q~"];

/** Where a start stands, by the obvious way. */
function found(text: string, start: string, anyCase: boolean): number[] {
  const three = start.slice(0, 3);
  const places: number[] = [];
  for (let at = 0; at + 3 <= text.length; at++) {
    const here = text.slice(at, at + 3);
    if (here === three || (anyCase && here.toLowerCase() === three.toLowerCase())) places.push(at);
  }
  return places;
}

function told(text: string, bytes?: Uint8Array): { places: Map<number, number>; hasShape: boolean; inOrder: boolean } {
  const table = new StartTable();
  for (const [at, start] of starts.entries()) table.add(start, 1 << at, { anyCase: at < 2 });
  table.addCapitalsAndDigits();
  const places = new Map<number, number>();
  let inOrder = true;
  let before = -1;
  const hasShape = table.walk(text, bytes, (at, bits) => {
    inOrder &&= at > before;
    before = at;
    places.set(at, bits);
  });
  return { places, hasShape, inOrder };
}

/** Texts full of starts and of what is nearly one. */
const text = fc
  .array(fc.oneof(fc.constantFrom(...starts, "KEY", "aUt", "ke", "y", "AB12", "A", "1", " "), fc.string()), {
    maxLength: 30,
  })
  .map((pieces) => pieces.join(""));

test("every start in a text is told, in order, wherever it stands", () => {
  fc.assert(
    fc.property(text, fc.boolean(), (value, hasBytes) => {
      const latin1 = Buffer.from(value, "latin1");
      const { places, inOrder } = told(hasBytes ? latin1.toString("latin1") : value, hasBytes ? latin1 : undefined);
      assert.ok(inOrder);
      for (const [at, start] of starts.entries()) {
        for (const place of found(value, start, at < 2))
          assert.ok((places.get(place) ?? 0) & (1 << at), `${start} at ${place}`);
      }
    }),
    { numRuns: 2000 },
  );
});

test("capitals with digits after them are told of when they are there, and not when not", () => {
  fc.assert(
    fc.property(text, (value) => {
      assert.equal(
        told(value, Buffer.from(value, "latin1")).hasShape,
        /[A-Z]{2}[0-9]{2}/.test(Buffer.from(value, "latin1").toString("latin1")),
      );
    }),
    { numRuns: 2000 },
  );
});

test("a start is told of wherever it lies in a text of many pieces", () => {
  const dull = "x".repeat(40_000);
  for (const piece of [16_384, 32_768]) {
    for (let at = piece - 6; at < piece + 6; at++) {
      const with3 = `${dull.slice(0, at)}AKI${dull.slice(at + 3)}`;
      const { places } = told(with3);
      assert.deepEqual([...places.keys()], [at]);
      assert.equal(told(`${dull.slice(0, at)}GB82${dull.slice(at + 4)}`).hasShape, true, `GB82 at ${at}`);
    }
  }
});
