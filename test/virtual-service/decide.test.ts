import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { draw } from "../../base/index.js";
import { decide, type RoutedRequest, type VirtualService } from "../../virtual-service/index.js";
import { toReviews, virtualServicesOf } from "../support/virtual-service.js";

const request: RoutedRequest = { host: "reviews", method: "GET", path: "/reviews/7", headers: {} };

function decideMany(all: readonly VirtualService[], times: number, seed = "s") {
  return Array.from({ length: times }, (_, step) => decide(all, request, (rule) => draw(seed, step, rule))).map(
    (one) => {
      assert.ok(one.kind === "route");
      return one;
    },
  );
}

function share<T>(all: readonly T[], which: (one: T) => boolean): number {
  return all.filter(which).length / all.length;
}

test("a host without a VirtualService is its own destination, without faults", () => {
  const other = { ...request, host: "ratings" };
  const decision = decide(virtualServicesOf({ route: toReviews, mirror: { host: "m" } }), other, () => 0);
  assert.deepEqual(decision, {
    kind: "route",
    destination: { host: "ratings" },
    fault: {},
    mirrors: [],
    explanations: [],
  });
});

test("the first route that takes the request decides; when none does, there is no route", () => {
  const all = virtualServicesOf(
    { match: [{ uri: { exact: "/a" } }], route: [{ destination: { host: "one" } }] },
    { match: [{ uri: { prefix: "/rev" } }], route: [{ destination: { host: "two" } }] },
    { match: [{ uri: { prefix: "/" } }], route: [{ destination: { host: "three" } }] },
  );
  const to = (path: string) => decide(all, { ...request, path }, () => 0);
  const hostOf = (path: string) => {
    const decision = to(path);
    return decision.kind === "route" ? decision.destination.host : decision;
  };
  assert.deepEqual([hostOf("/a"), hostOf("/reviews/7?x=1"), hostOf("/b")], ["one", "two", "three"]);
  assert.deepEqual(hostOf("*"), { kind: "no-route", virtualService: "reviews" });
});

test("weights are met in the long run, one destination takes all, a weight of 0 takes none", () => {
  const weighted = (...weights: number[]) =>
    virtualServicesOf({
      route: weights.map((weight, at) => ({ destination: { host: "reviews", subset: `v${at}` }, weight })),
    });
  const decisions = decideMany(weighted(70, 20, 10, 0), 5000);
  for (const [at, expected] of [0.7, 0.2, 0.1, 0].entries()) {
    const got = share(decisions, ({ destination }) => destination.subset === `v${at}`);
    assert.ok(Math.abs(got - expected) < 0.03, `v${at}: ${got} for ${expected}`);
  }
  assert.equal(
    share(decideMany(weighted(0), 50), ({ destination }) => destination.subset === "v0"),
    1,
  );
});

test("0 % and an unset percentage never fire, 100 % always does, shares between are met", () => {
  const abortAt = (percentage: object) =>
    virtualServicesOf({ route: toReviews, fault: { abort: { httpStatus: 503, ...percentage } } });
  const fired = (percentage: object) =>
    share(decideMany(abortAt(percentage), 3000), ({ fault }) => fault.abort !== undefined);
  assert.equal(fired({ percentage: { value: 0 } }), 0);
  assert.equal(fired({}), 0);
  assert.equal(fired({ percentage: { value: 100 } }), 1);
  assert.ok(Math.abs(fired({ percentage: { value: 30 } }) - 0.3) < 0.03);
});

test("delay and abort are drawn apart, and an aborted call is not mirrored", () => {
  const all = virtualServicesOf({
    route: toReviews,
    fault: {
      delay: { fixedDelay: "200ms", percentage: { value: 50 } },
      abort: { grpcStatus: "UNAVAILABLE", percentage: { value: 50 } },
    },
    mirrors: [{ destination: { host: "m" } }],
  });
  const decisions = decideMany(all, 2000);
  assert.ok(
    Math.abs(share(decisions, ({ fault }) => fault.delayMs === 200 && fault.abort !== undefined) - 0.25) < 0.04,
  );
  assert.ok(decisions.every(({ fault, mirrors }) => mirrors.length === (fault.abort ? 0 : 1)));
  assert.deepEqual(decisions.find(({ fault }) => fault.abort)?.fault.abort, { kind: "grpc", code: 14 });
  assert.ok(decisions.every(({ fault, explanations }) => explanations.length === Object.keys(fault).length));
});

test("a mirror's share: all when unset, none at 0, each mirror drawn apart", () => {
  const all = virtualServicesOf({
    route: toReviews,
    mirrors: [
      { destination: { host: "all" } },
      { destination: { host: "none" }, percentage: { value: 0 } },
      { destination: { host: "half" }, percentage: { value: 50 } },
    ],
  });
  const decisions = decideMany(all, 2000);
  const copied = (host: string) => share(decisions, ({ mirrors }) => mirrors.some((mirror) => mirror.host === host));
  assert.deepEqual([copied("all"), copied("none")], [1, 0]);
  assert.ok(Math.abs(copied("half") - 0.5) < 0.04);
  const old = decideMany(virtualServicesOf({ route: toReviews, mirror: { host: "m" } }), 10);
  assert.ok(old.every(({ mirrors }) => mirrors[0]?.host === "m"));
});

test("the same seed and Step decide the same, whatever was decided before", () => {
  const percentage = fc.record({ value: fc.double({ min: 0, max: 100, noNaN: true }) });
  fc.assert(
    fc.property(
      fc.string(),
      fc.nat(),
      percentage,
      percentage,
      fc.array(fc.nat({ max: 9 }), { minLength: 1 }),
      (seed, step, a, b, weights) => {
        const all = virtualServicesOf({
          route: [...weights, 1].map((weight, at) => ({ destination: { host: "reviews", subset: `v${at}` }, weight })),
          fault: { delay: { fixedDelay: "1s", percentage: a }, abort: { httpStatus: 500, percentage: b } },
        });
        const once = () => decide(all, request, (rule) => draw(seed, step, rule));
        assert.deepEqual(once(), once());
      },
    ),
  );
});
