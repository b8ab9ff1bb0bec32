import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { joinSightings } from "../../tape/calls/join-sightings.js";
import { type GrownTree, growTrees } from "../../tape/trees/grow-trees.js";
import type { Hop } from "../../tape/trees/hop.js";
import { placeCalls } from "../../tape/trees/place-calls.js";
import { buildWorld, type CallWorld, callWorld, type MeshPlan, meshPlan, requestPlans } from "../support/call-world.js";

function grownFrom(world: CallWorld, heads = world.heads) {
  const lost = (recorder: { incarnation: string }) => world.lossy.has(recorder.incarnation);
  const joined = joinSightings(heads, { lost });
  return { joined, trees: growTrees(placeCalls(joined, { lost }), joined.timeline) };
}

interface Placed {
  hop: Hop;
  parent?: Hop;
}

function* hopsOf(trees: readonly GrownTree[]): Generator<Placed> {
  const left: Placed[] = trees.flatMap(({ tree }) => tree.roots.map((hop) => ({ hop })));
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    yield next;
    for (const hop of next.hop.children) left.push({ hop, parent: next.hop });
  }
}

test("each Exchange is in exactly one call of exactly one tree", () => {
  fc.assert(
    fc.property(callWorld, (world) => {
      const { trees } = grownFrom(world);
      const ids = [...hopsOf(trees)].flatMap(({ hop }) => hop.call.sightings.map(({ id }) => id));
      assert.deepEqual(
        ids.sort((a, b) => a - b),
        world.heads.map(({ id }) => id),
      );
      assert.equal(
        trees.reduce((sum, { tree }) => sum + tree.exchanges, 0),
        world.heads.length,
      );
    }),
  );
});

test("what is said to be exact is true, whatever was lost, dropped by services, or shown by wrong clocks", () => {
  fc.assert(
    fc.property(callWorld, (world) => {
      for (const { hop, parent } of hopsOf(grownFrom(world).trees)) {
        const truth = new Set(hop.call.sightings.map(({ id }) => world.callOf.get(id)));
        if (hop.call.certainty === "exact")
          assert.equal(truth.size, 1, `${worldInWords(world)}\nsightings of one call: ${inWords(hop)}`);
        if (hop.join.kind !== "exact") continue;
        const made = world.parentOf.get(world.callOf.get(hop.call.best.id)!);
        const parents = parent!.call.sightings.map(({ id }) => world.callOf.get(id));
        assert.ok(
          parents.includes(made),
          `${worldInWords(world)}\n${inWords(hop)} below ${inWords(parent!)}: ${JSON.stringify(hop.join)}`,
        );
      }
    }),
    { numRuns: 500 },
  );
});

test("the bounds of a clock always hold its true offset", () => {
  fc.assert(
    fc.property(callWorld, (world) => {
      const { between } = grownFrom(world).joined.timeline.clocks;
      for (const [one, oneAhead] of world.aheadNs) {
        for (const [other, otherAhead] of world.aheadNs) {
          const { lo, hi } = between(one, other);
          const offset = oneAhead - otherAhead;
          assert.ok(lo <= offset && offset <= hi, `${one} ${other}: ${lo} <= ${offset} <= ${hi}`);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("the order of the input does not matter", () => {
  const shuffled = callWorld.chain((world) =>
    fc.tuple(
      fc.constant(world),
      fc.shuffledSubarray(world.heads, { minLength: world.heads.length, maxLength: world.heads.length }),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([world, heads]) => {
      assert.deepEqual(asValue(grownFrom(world, heads).trees), asValue(grownFrom(world).trees));
    }),
  );
});

/** Of what is inferred in a corpus that is always the same, how much is true. */
function precision(clock: (mesh: MeshPlan) => MeshPlan): { inferred: number; right: number } {
  const draws = fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 97 });
  const corpus = fc.sample(fc.tuple(meshPlan, requestPlans, draws), { seed: 20_261_122, numRuns: 1000 });
  let [inferred, right] = [0, 0];
  for (const [mesh, requests, drawn] of corpus) {
    const world = buildWorld(clock(mesh), requests, cycle(drawn));
    for (const { hop, parent } of hopsOf(grownFrom(world).trees)) {
      if (hop.join.kind !== "inferred") continue;
      inferred++;
      const made = world.parentOf.get(world.callOf.get(hop.call.best.id)!);
      if (parent!.call.sightings.some(({ id }) => world.callOf.get(id) === made)) right++;
    }
  }
  return { inferred, right };
}

test("of what is inferred, more than nine in ten are true where clocks are kept, more than 17 in 20 where they are hours off", () => {
  const kept = precision((mesh) => ({ ...mesh, aheadMs: mesh.aheadMs.map((ms) => ms % 5) }));
  assert.ok(kept.inferred > 4000, `the corpus has enough of them: ${kept.inferred}`);
  assert.ok(kept.right / kept.inferred > 0.9, `${kept.right} of ${kept.inferred}`);
  const off = precision((mesh) => mesh);
  assert.ok(off.inferred > 4000, `the corpus has enough of them: ${off.inferred}`);
  assert.ok(off.right / off.inferred > 0.85, `${off.right} of ${off.inferred}`);
});

function* cycle(draws: readonly number[]): Generator<number> {
  for (;;) yield* draws;
}

function worldInWords({ heads, callOf, parentOf }: CallWorld): string {
  const lines = heads.map(({ id, vantage, caller, callee, request, trace, startedNs, answerEndedNs, hop }) => {
    const call = callOf.get(id)!;
    const ms = (ns: bigint) => Number(ns - 1_700_000_000_000_000_000n) / 1e6;
    const at = `${ms(startedNs)}–${answerEndedNs === undefined ? "" : ms(answerEndedNs)}`;
    return `#${id} call ${call} of ${parentOf.get(call) ?? "outside"} ${vantage} ${hop ?? ""} ${caller ?? "?"} → ${callee} ${request.path} ${at} ${JSON.stringify(trace)}`;
  });
  return lines.join("\n");
}

function inWords({ call }: Hop): string {
  return call.sightings.map(({ id, vantage, request }) => `#${id} ${vantage} ${request.path}`).join(" + ");
}

function asValue(trees: readonly GrownTree[]): unknown {
  const value = (hop: Hop): unknown => ({
    ids: hop.call.sightings.map(({ id }) => id),
    best: hop.call.best.id,
    certainty: hop.call.certainty,
    join: hop.join,
    children: hop.children.map(value),
  });
  return trees.map(({ tree }) => tree.roots.map(value));
}
