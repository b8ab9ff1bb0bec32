import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { contentOf, hashOf, isMarkedBy, markedBy, unmarkedBy } from "../../mesh/journal/content.js";
import { configMapOf, entryOf, type JournalEntry } from "../../mesh/journal/entry.js";
import type { Json } from "../../mesh/journal/json.js";
import { pairElements } from "../../mesh/journal/pair-elements.js";
import { takeOut } from "../../mesh/journal/take-out.js";

const json = fc.jsonValue() as fc.Arbitrary<Json>;

/** A route of a VirtualService, as far as merging cares. */
interface Route {
  [field: string]: Json | undefined;
  name: string;
  timeout: string;
  retries?: number;
}
const routes: fc.Arbitrary<Route[]> = fc
  .uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1 })
  .chain((names) =>
    fc.tuple(
      ...names.map((name) => fc.record({ name: fc.constant(name), timeout: fc.constantFrom("1s", "2s", "3s") })),
    ),
  );

/** What we do: a mirror more on every route, or a twin before each. */
const ours: Record<string, (routes: readonly Route[]) => Route[]> = {
  mirrors: (all) => all.map((route) => ({ ...route, mirrors: [{ host: "recorder" }] })),
  twins: (all) => all.flatMap((route) => [{ ...route, name: `twin-${route.name}`, fault: { abort: 503 } }, route]),
};

/** What others do meanwhile, to the routes as they find them; by name, so that it can be done to both sides. */
type Edit = (routes: readonly Route[]) => Route[];
const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc.constantFrom("a", "b", "c", "d", "e").map(
    (name): Edit =>
      (all) =>
        all.map((route) => (route.name === name ? { ...route, retries: 7 } : route)),
  ),
  fc.constantFrom("a", "b", "c", "d", "e").map(
    (name): Edit =>
      (all) =>
        all.map((route) => (route.name === name ? { ...route, timeout: "9s" } : route)),
  ),
  fc.constant<Edit>((all) => [{ name: "first", timeout: "5s" }, ...all]),
  fc.constant<Edit>((all) => [...all, { name: "last", timeout: "6s" }]),
  fc.constant<Edit>((all) => [...all]),
);

describe("taking out what was changed", () => {
  test("gives back what was there, when nobody else has changed anything", () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        assert.deepEqual(takeOut(before, after, after), before);
        assert.deepEqual(takeOut(before, after, before), before);
      }),
    );
  });

  test("leaves alone what others have, where nothing was changed", () => {
    fc.assert(fc.property(json, json, (before, now) => assert.deepEqual(takeOut(before, before, now), now)));
  });

  for (const [what, change] of Object.entries(ours)) {
    test(`keeps what others have edited beside our ${what}`, () => {
      fc.assert(
        fc.property(routes, fc.array(edits, { maxLength: 3 }), (before, theirs) => {
          const edit: Edit = (all) => theirs.reduce<readonly Route[]>((routes, one) => one(routes), all) as Route[];
          const now = edit(change(before));
          assert.deepEqual(takeOut({ http: before }, { http: change(before) }, { http: now }), { http: edit(before) });
        }),
      );
    });
  }

  test("keeps a route that others have taken away as they left it: gone", () => {
    const before = [{ name: "a" }, { name: "b" }];
    const after = before.map((route) => ({ ...route, mirrors: [1] }));
    assert.deepEqual(takeOut(before, after, [after[1]!]), [{ name: "b" }]);
  });

  test("brings back what we had taken away, at its place", () => {
    const before = ["one", "two", "three"];
    assert.deepEqual(takeOut(before, ["one", "three"], ["one", "three", "four"]), ["one", "two", "three", "four"]);
  });

  test("leaves a value that others have changed after us as theirs", () => {
    assert.deepEqual(takeOut({ mode: "a" }, { mode: "b" }, { mode: "c" }), { mode: "c" });
  });
});

test("elements are paired in order, by being equal, by their name, or by most of their fields", () => {
  const left = [{ name: "a", x: 1 }, { m: 1, n: 2, o: 3 }, "same", { lonely: true }];
  const right = ["new", { name: "a", x: 2 }, { m: 1, n: 2, o: 4 }, "same"];
  assert.deepEqual(pairElements(left, right), [1, 2, 3, undefined]);
});

test("pairs never cross, and equal elements of equal lists are paired with themselves", () => {
  fc.assert(
    fc.property(fc.array(json, { maxLength: 8 }), fc.array(json, { maxLength: 8 }), (left, right) => {
      const pairs = pairElements(left, right).filter((at) => at !== undefined);
      assert.deepEqual(
        pairs,
        [...new Set(pairs)].sort((a, b) => a - b),
      );
      assert.deepEqual(pairElements(left, left), [...left.keys()]);
    }),
  );
});

describe("an object's content", () => {
  const object = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", annotations: { other: "1" } },
    data: { b: "2", a: "1" },
    status: { seen: true },
  };

  test("is what a person may write; its hash does not depend on the order of keys", () => {
    assert.deepEqual(contentOf(object), { data: { b: "2", a: "1" } });
    assert.equal(hashOf(contentOf(object)), hashOf({ data: { a: "1", b: "2" } }));
    assert.notEqual(hashOf(contentOf(object)), hashOf({ data: { a: "1", b: "3" } }));
  });

  test("marks of several entries stand beside each other, and the last one leaves no trace", () => {
    const twice = markedBy(markedBy(object, "one"), "two");
    assert.ok(isMarkedBy(twice, "one") && isMarkedBy(twice, "two") && !isMarkedBy(twice, "three"));
    assert.deepEqual(unmarkedBy(unmarkedBy(twice, "one"), "two"), object);
    const bare = { ...object, metadata: { name: "a" } };
    assert.deepEqual(unmarkedBy(markedBy(bare, "one"), "one"), bare);
  });
});

describe("an entry of the journal", () => {
  const entry: JournalEntry = {
    ...{
      format: 1,
      id: "0123456789",
      what: "mirror a to b",
      kind: "mirror",
      subject: "a",
      by: "me",
      at: "2026-01-02T03:04:05.678Z",
    },
    changes: [{ apiVersion: "v1", kind: "ConfigMap", namespace: "n", name: "a", after: { data: {} } }],
  };

  test("is read as it was written", () => {
    assert.deepEqual(entryOf(configMapOf(entry, "n")), entry);
  });

  test("that somebody has damaged is refused with its name, and what is wrong", () => {
    const damaged = { ...configMapOf(entry, "n"), data: { entry: JSON.stringify({ ...entry, changes: 3 }) } };
    assert.throws(() => entryOf(damaged), /journal entry tapeloop-journal-0123456789 in namespace n: changes: /);
    assert.throws(() => entryOf({ ...damaged, data: {} }), /it is not JSON/);
  });
});
