import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Standing, standingOf } from "../../../mesh/journal/standing.js";

const route = { route: [{ destination: { host: "reviews" } }] };
const twin = { name: "ours", ...route, fault: { abort: { httpStatus: 503 } } };
const content = { hosts: ["reviews"], http: [{ name: "a", ...route }, route] };
const change = {
  before: { content, hash: "" },
  after: { ...content, http: [twin, content.http[0]!, { ...route, mirrors: [{ destination: { host: "recorder" } }] }] },
};
const of = (now: object | undefined): Standing => standingOf(change, now as never);
const [, , mirrored] = change.after.http;

test("what was put in is there as it was left, whatever others have changed beside it", () => {
  assert.equal(of(change.after), "as-left");
  assert.equal(of({ ...change.after, hosts: ["reviews", "more"], gateways: ["mesh"] }), "as-left");
  assert.equal(of({ ...change.after, http: [{ redirect: {} }, ...change.after.http] }), "as-left");
  assert.equal(
    of({
      ...change.after,
      http: [
        { ...twin, timeout: "1s" },
        { ...mirrored, retries: {} },
      ],
    }),
    "as-left",
  );
});

test("a part of it that is gone, or another than it was, is told", () => {
  assert.equal(of({ ...content, http: [twin, ...content.http] }), "changed");
  assert.equal(of({ ...content, http: [content.http[0], mirrored] }), "changed");
  const weaker = { ...twin, fault: { abort: { httpStatus: 500 } } };
  assert.equal(of({ ...change.after, http: [weaker, ...change.after.http.slice(1)] }), "changed");
});

test("what a twin has from the route behind it is not its own", () => {
  const slow = { name: "tapeloop-slow", ...mirrored, fault: {} };
  const after = { ...content, http: [slow, mirrored!] };
  const without = { ...content, http: [{ name: "tapeloop-slow", ...route, fault: {} }, route] };
  assert.equal(
    standingOf({ before: { content: { ...content, http: [mirrored] }, hash: "" }, after }, without),
    "as-left",
  );
});

test("nothing of it is there in what was before, in what others wrote anew, and where the object is gone", () => {
  assert.equal(of(content), "gone");
  assert.equal(of({ hosts: ["reviews"], http: [{ name: "b", ...route }] }), "gone");
  assert.equal(of(undefined), "gone");
});

test("of an object that was made, all that it was made of counts", () => {
  const made = { without: content, after: change.after };
  assert.equal(standingOf(made, change.after as never), "as-left");
  assert.equal(standingOf(made, content as never), "gone");
  assert.equal(standingOf({ after: change.after }, content as never), "changed");
});

test("any change stands in what it led to", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (was, after) => {
        assert.equal(standingOf({ before: { content: was, hash: "" }, after }, after as never), "as-left");
      },
    ),
  );
});
