import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { planRoutes } from "../../mesh/routes/edit-routes.js";
import { narrowed } from "../../mesh/routes/narrowed.js";
import { onlyOne, specOf } from "../../mesh/routes/virtual-service.js";
import { virtualService } from "../support/cluster.js";

const wish = { service: "reviews", namespace: "shop", ownName: "tapeloop-x-reviews", evenIfManaged: false };
const marked = (routes: readonly object[]) => routes.map((route) => ({ ...route, name: "ours" }));

describe("a change of routes", () => {
  test("is one of the service's VirtualService, all else of it kept", () => {
    const now = virtualService("shop", "reviews", { labels: { team: "a" }, uid: "1" });
    const [change, ...more] = planRoutes([now], { ...wish, edit: marked });
    assert.deepEqual([more, change!.now], [[], now]);
    assert.deepEqual(change!.after.metadata, now.metadata);
    assert.deepEqual(specOf(change!.after).hosts, ["reviews"]);
    assert.deepEqual(specOf(change!.after).http, marked(specOf(now).http!));
    assert.notDeepEqual(specOf(now).http, specOf(change!.after).http, "what was read is not touched");
  });

  test("is a VirtualService of our own where there is none, with what it is without us beside it", () => {
    const [change] = planRoutes([], { ...wish, edit: marked });
    assert.equal(change!.now, undefined);
    assert.deepEqual(change!.after.metadata.name, "tapeloop-x-reviews");
    assert.deepEqual(change!.without, {
      spec: { hosts: ["reviews"], http: [{ route: [{ destination: { host: "reviews" } }] }] },
    });
  });

  test("is none when the routes are so already", () => {
    assert.deepEqual(planRoutes([virtualService("shop", "reviews")], { ...wish, edit: (routes) => routes }), []);
  });

  test("is refused where several VirtualServices, no HTTP, or another tool stand in the way", () => {
    const one = virtualService("shop", "reviews");
    assert.throws(
      () => onlyOne([one, virtualService("shop", "others")], "reviews"),
      /reviews and others are both for host reviews/,
    );
    assert.throws(
      () => planRoutes([{ ...one, spec: { hosts: ["reviews"], tcp: [] } }], { ...wish, edit: marked }),
      /routes no HTTP/,
    );
    const delegating = { match: [{ uri: { prefix: "/page" } }], delegate: { name: "pages" } };
    assert.throws(
      () => planRoutes([{ ...one, spec: { hosts: ["reviews"], http: [delegating] } }], { ...wish, edit: marked }),
      /VirtualService reviews of reviews passes nothing on itself: it delegates requests with path \/page… to VirtualService pages in namespace shop/,
    );
    const managed: [object, RegExp][] = [
      [{ labels: { "kustomize.toolkit.fluxcd.io/name": "a" } }, /managed by Flux/],
      [{ annotations: { "meta.helm.sh/release-name": "a" } }, /managed by Helm/],
      [{ labels: { "argocd.argoproj.io/instance": "a" } }, /managed by Argo CD/],
    ];
    for (const [marks, said] of managed) {
      const theirs = virtualService("shop", "reviews", marks);
      assert.throws(() => planRoutes([theirs], { ...wish, edit: marked }), said);
      assert.equal(planRoutes([theirs], { ...wish, evenIfManaged: true, edit: marked }).length, 1);
    }
  });
});

describe("matches that ask for more", () => {
  test("ask for it beside what they ask already, once for each alternative", () => {
    const before = [{ uri: { prefix: "/a" }, headers: { x: { exact: "1" } } }, { method: { exact: "GET" } }];
    const more = [{ headers: { id: { prefix: "de" } } }, { headers: { bag: { regex: "f" } } }];
    assert.deepEqual(narrowed(before, more), [
      { uri: { prefix: "/a" }, headers: { x: { exact: "1" }, id: { prefix: "de" } } },
      { uri: { prefix: "/a" }, headers: { x: { exact: "1" }, bag: { regex: "f" } } },
      { method: { exact: "GET" }, headers: { id: { prefix: "de" } } },
      { method: { exact: "GET" }, headers: { bag: { regex: "f" } } },
    ]);
    assert.deepEqual(narrowed(undefined, more), more);
  });

  test("are refused where both cannot be asked", () => {
    const asked = [{ headers: { "x-request-id": { prefix: "a" } }, uri: { exact: "/" } }];
    assert.throws(() => narrowed(asked, [{ headers: { "x-request-id": { prefix: "b" } } }]), /x-request-id of headers/);
    assert.throws(() => narrowed(asked, [{ uri: { prefix: "/b" } }]), /already matches uri/);
  });

  test("keep every condition of both", () => {
    const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 3 });
    const match = (prefix: string) =>
      names.map((all) => ({ headers: Object.fromEntries(all.map((name) => [prefix + name, { exact: name }])) }));
    fc.assert(
      fc.property(fc.array(match("x-"), { minLength: 1 }), fc.array(match("y-"), { minLength: 1 }), (matches, more) => {
        const all = narrowed(matches, more);
        assert.equal(all.length, matches.length * more.length);
        for (const [at, one] of all.entries()) {
          const [first, second] = [matches[Math.floor(at / more.length)]!, more[at % more.length]!];
          assert.deepEqual(one.headers, { ...first.headers, ...second.headers });
        }
      }),
    );
  });
});
