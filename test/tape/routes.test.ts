import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { learnRoutes } from "../../tape/index.js";

const get = (path: string) => ({ method: "GET", path });
const routeOf = (path: string, ...others: string[]) => learnRoutes([path, ...others].map(get))("GET", path);

test("segments that are ids by their shape become {id}", () => {
  for (const [path, route] of [
    ["/reviews/17", "/reviews/{id}"],
    ["/a/3f2504e0-4f89-41d3-9a0c-0305e82c3301/b", "/a/{id}/b"],
    ["/o/507f1f77bcf86cd799439011", "/o/{id}"],
    ["/blob/9f86d081", "/blob/{id}"],
    ["/day/2026-11-22", "/day/{id}"],
    ["/day/2026-11-22T07:00:00Z", "/day/{id}"],
    ["/u/anna%40example.org", "/u/{id}"],
    ["/c/cus_9s6XKzkNRiz8i3", "/c/{id}"],
    ["/o/order-10023/items", "/o/{id}/items"],
    ["/u/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/u/{id}"],
    ["/img/123.png", "/img/{id}.png"],
    ["/cart;jsessionid=abc/7", "/cart/{id}"],
  ] as const) {
    assert.equal(routeOf(path), `GET ${route}`);
  }
});

test("words stay words", () => {
  for (const path of [
    "/",
    "/api/v1/reviews",
    "/deadbeef",
    "/oauth2/token",
    "/a//b/",
    "/users/@me",
    "/productpage.html",
  ]) {
    assert.equal(routeOf(path), `GET ${path}`);
  }
});

test("query, fragment and authority do not belong to a route", () => {
  assert.equal(routeOf("/a/1?b=2#c"), "GET /a/{id}");
  assert.equal(routeOf("http://shop:80/a/1"), "GET /a/{id}");
  assert.equal(routeOf("http://shop"), "GET /");
  assert.equal(routeOf("*"), "GET *");
  assert.equal(routeOf("shop:443"), "GET shop:443");
});

test("names of which too many were met at one place become {id}, and what is below is put together", () => {
  const names = Array.from({ length: 25 }, (_, at) => `${"abcdefghijklmnopqrstuvwxyz"[at]}-shop`);
  const paths = names.flatMap((name) => [`/shops/${name}/items`, `/shops/${name}/items/${name}`, "/shops/all"]);
  const route = learnRoutes(paths.map(get));
  assert.equal(route("GET", "/shops/a-shop/items"), "GET /shops/{id}/items");
  assert.equal(route("GET", "/shops/a-shop/items/b-shop"), "GET /shops/{id}/items/{id}");
  assert.equal(route("GET", "/shops/never-met/items"), "GET /shops/{id}/items");
});

test("a few endpoints called often stay apart, however many calls there are", () => {
  const endpoints = Array.from({ length: 25 }, (_, at) => `/api/${String.fromCharCode(97 + at)}-endpoint`);
  const calls = Array.from({ length: 20 }, () => endpoints).flat();
  assert.equal(learnRoutes(calls.map(get))("GET", endpoints[3]!), `GET ${endpoints[3]}`);
});

test("at the first position only a hundred names are too many", () => {
  const names = (count: number) => Array.from({ length: count }, (_, at) => `/${"x".repeat(at + 1)}`);
  assert.equal(learnRoutes(names(40).map(get))("GET", "/xxx"), "GET /xxx");
  assert.equal(learnRoutes(names(200).map(get))("GET", "/xxx"), "GET /{id}");
});

test("gRPC methods are routes as they are", () => {
  const route = learnRoutes([{ method: "POST", path: "/shop.v1.Reviews/List20", grpc: true }, get("/shop/20")]);
  assert.equal(route("POST", "/shop.v1.Reviews/List20"), "POST /shop.v1.Reviews/List20");
});

test("any path has a route, the same every time, with as many segments as the path", () => {
  const path = fc
    .array(fc.oneof(fc.string(), fc.uuid(), fc.nat().map(String)), { maxLength: 6 })
    .map((parts) => `/${parts.join("/")}`);
  fc.assert(
    fc.property(fc.array(path, { minLength: 1, maxLength: 40 }), (paths) => {
      const route = learnRoutes(paths.map(get));
      for (const one of paths) {
        const named = route("GET", one);
        assert.equal(route("GET", one), named);
        assert.equal(named.split("/").length, one.replace(/[?#].*$/s, "").split("/").length);
      }
    }),
  );
});

test("the route of a path does not depend on what was asked before", () => {
  const segment = fc.constantFrom("a", "b", "{id}", "17", "", "me.json", "17.json", "item-22", "%41");
  const path = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join("/")}`);
  fc.assert(
    fc.property(fc.array(path, { maxLength: 60 }), fc.array(path, { maxLength: 20 }), (learnt, asked) => {
      const calls = learnt.map(get);
      const route = learnRoutes(calls);
      for (const one of [...asked, ...learnt]) {
        assert.equal(route("GET", one), learnRoutes(calls)("GET", one));
      }
    }),
  );
});
