import assert from "node:assert/strict";
import { test } from "node:test";
import { withFault } from "../../../mesh/fault/fault-routes.js";
import { copiesTo, withCopies } from "../../../mesh/mirror/mirror-routes.js";
import { authorityOf, meantFor, otherHosts } from "../../../mesh/routes/authority.js";
import { planRoutes } from "../../../mesh/routes/edit-routes.js";
import { specOf } from "../../../mesh/routes/virtual-service.js";
import { typedFault } from "../../../virtual-service/index.js";
import { virtualService } from "../../support/cluster.js";

const route = [{ destination: { host: "reviews" } }];
const shared = (...hosts: string[]) => ({ ...virtualService("shop", "all"), spec: { hosts, http: [{ route }] } });
const authority = authorityOf(shared("reviews", "ratings"), "reviews")!;
const ofRatings = authorityOf(shared("reviews", "ratings"), "ratings")!;
const to = { host: "recorder.tapeloop.svc.cluster.local", port: { number: 8080 } };
const down = { name: "down", faults: [typedFault("abort", "503")!], mark: "deadbeef", percent: 100 };

test("calls are told to be a service's by all its names, with a port or without", () => {
  const expression = new RegExp(`^(?:${authority.regex.replace("(?i)", "")})$`, "i");
  const names = ["reviews", "reviews.shop", "reviews.shop.svc", "reviews.shop.svc.cluster.local", "Reviews"];
  for (const name of names.flatMap((one) => [one, `${one}:9080`, `${one}.`])) assert.match(name, expression);
  for (const name of ["ratings", "reviews-v2", "my-reviews", "reviews.ops", "reviews.shopping", "reviews.shop.example"])
    assert.doesNotMatch(name, expression);
});

test("a VirtualService for the service alone, by whatever names, needs no telling", () => {
  assert.equal(authorityOf(shared("reviews", "reviews.shop.svc.cluster.local"), "reviews"), undefined);
  assert.deepEqual(otherHosts(shared("reviews", "*.example.com", "ratings"), ["reviews", "ratings"]), [
    "*.example.com",
  ]);
});

test("where a short name may mean the Service of another namespace, too, it is refused by name", () => {
  for (const host of ["reviews.ops.svc.cluster.local", "*", "*.svc.cluster.local", "*.local"]) {
    assert.throws(() => authorityOf(shared("reviews", host), "reviews"), /VirtualService all is for .* give reviews a/);
  }
  for (const host of ["ratings.ops.svc.cluster.local", "*.shop.svc.cluster.local", "*.example.com", "reviews.example"])
    assert.ok(authorityOf(shared("reviews", host), "reviews"));
});

test("a route that asks for an authority already keeps it, is another host's, or is refused", () => {
  const asking = (asked: object) => ({ route, match: [{ authority: asked }] });
  assert.deepEqual(meantFor(asking({ exact: "reviews:9080" }), authority), asking({ exact: "reviews:9080" }));
  assert.equal(meantFor(asking({ exact: "ratings" }), authority), undefined);
  assert.deepEqual(meantFor({ route }, authority), { route, match: [{ authority }] });
  assert.throws(() => meantFor(asking({ prefix: "re" }), authority), /already matches authority/);
  assert.deepEqual(meantFor(asking({ prefix: "re" }), undefined), asking({ prefix: "re" }));
});

test("what is put before a shared route asks for the service's calls, and the route itself stays as it is", () => {
  const [change] = planRoutes([shared("reviews", "ratings")], {
    ...{ service: "reviews", namespace: "shop", ownName: "tapeloop-x", evenIfManaged: false },
    edit: (routes, asked) => withCopies(routes, { to }, asked),
  });
  const mirrors = [{ destination: to, percentage: { value: 100 } }];
  const twin = { name: "tapeloop-mirror-0", route, match: [{ authority }], mirrors };
  assert.deepEqual(specOf(change!.after).http, [twin, { route }]);
  assert.deepEqual([copiesTo(twin, to, authority), copiesTo(twin, to, ofRatings)], [true, false]);
});

test("faults and mirrors of two services stand beside each other in one VirtualService", () => {
  const faulted = withFault(withFault([{ route }], down, authority), down, ofRatings);
  const all = withCopies(withCopies(faulted, { to }, authority), { to }, ofRatings);
  const asked = (one: (typeof all)[number]) => one.match?.map((match) => match.authority);
  assert.deepEqual(all.map(asked), [
    [ofRatings, ofRatings],
    [authority, authority],
    [authority],
    [ofRatings],
    undefined,
  ]);
  assert.equal(all.filter((one) => copiesTo(one, to, authority)).length, 2);
});
