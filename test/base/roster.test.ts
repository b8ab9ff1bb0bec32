import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Roster, type Rostered } from "../../base/index.js";
import { keptOf, type Passing, passing } from "../support/kept-by-old.js";

test("whoever comes and goes, it holds what a Set would", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.constantFrom("add", "delete", "clear"))), (moves) => {
      const members = Array.from({ length: 21 }, (): Rostered => ({ place: -1 }));
      const [roster, model] = [new Roster<Rostered>(), new Set<Rostered>()];
      for (const [which, move] of moves) {
        const member = members[which]!;
        if (move === "add") {
          roster.add(member);
          model.add(member);
        } else if (move === "delete") assert.equal(roster.delete(member), model.delete(member));
        else if (which === 0) {
          roster.clear();
          model.clear();
        }
        assert.equal(roster.size, model.size);
        assert.deepEqual(
          members.map((one) => roster.has(one)),
          members.map((one) => model.has(one)),
        );
        assert.deepEqual(new Set(roster.all()), model);
        assert.equal(roster.all().length, model.size);
      }
    }),
  );
});

test("one that is on another roster is not deleted from this one", () => {
  const [one, other] = [new Roster<Rostered>(), new Roster<Rostered>()];
  const [member, neighbour] = [{ place: -1 }, { place: -1 }];
  one.add(member);
  other.add(neighbour);
  assert.equal(other.delete(member), false);
  assert.equal(other.has(neighbour), true);
  assert.equal(one.delete(member), true);
});

test("those that left are not kept in memory by those that stayed", () => {
  const roster = new Roster<Rostered & Passing>();
  const inHand: (Rostered & Passing)[] = [];
  const kept = keptOf(2_500, () => {
    const member = { place: -1, ...passing() };
    roster.add(member);
    if (inHand.push(member) > 32) roster.delete(inHand.shift()!);
  });
  assert.ok(kept < 250, `${kept} of 2,500`);
});
