import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pathStartOf } from "../../tape/path-start.js";

test("a path begins like others up to its first segment that looks like an id", () => {
  const starts = {
    "/orders": "/orders",
    "/reviews/7?lang=en": "/reviews/",
    "/api/v1/users/42/posts": "/api/v1/users/",
    "/a/6db69b60-1f03-4c1e-885b-5cab4cc22fc5": "/a/",
    "/": "/",
    "*": "*",
    "?x=1": "",
    "/shop.Reviews/List": "/shop.Reviews/List",
    "/x/abcdefghijklmnopqrstuvwxyz": "/x/",
  };
  for (const [path, start] of Object.entries(starts)) assert.equal(pathStartOf(path), start, path);
});

test("it is a beginning of the path, without the query, and the same each time", () => {
  fc.assert(
    fc.property(fc.webPath(), fc.string(), (path, query) => {
      const start = pathStartOf(`${path}?${query}`);
      assert.ok(path.startsWith(start));
      assert.equal(pathStartOf(`${path}?${query}`), start);
      assert.equal(pathStartOf(path), start);
    }),
  );
});
