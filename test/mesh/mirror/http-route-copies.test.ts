import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ruleCopiesTo, withRuleCopies } from "../../../mesh/mirror/http-route-copies.js";
import type { RouteMatch } from "../../../mesh/routes/http-route.js";

const to = { host: "recorder.tapeloop.svc.cluster.local", port: { number: 8080 } };
const backendRef = { group: "", kind: "Service", name: "recorder", namespace: "tapeloop", port: 8080 };
const ours = { type: "RequestMirror", requestMirror: { backendRef } };
const backendRefs = [{ name: "reviews", port: 80 }];
const anyPath = { path: { type: "PathPrefix", value: "/" } };
const all = () => true;

describe("the rules of a mirrored service", () => {
  test("each get a mirror more, and keep all else; those that pass nothing on stay as they are", () => {
    const kept = { type: "RequestHeaderModifier", requestHeaderModifier: { remove: ["a"] } };
    const redirect = { filters: [{ type: "RequestRedirect" }], matches: [anyPath] };
    assert.deepEqual(
      withRuleCopies([{ backendRefs, filters: [kept], name: "a" }, redirect, { backendRefs }], { to }, all),
      [{ backendRefs, filters: [kept, ours], name: "a" }, redirect, { backendRefs, filters: [ours] }],
    );
  });

  test("get a twin that asks more where only some requests are copied; a rule's name stays with the rule", () => {
    const rule = { name: "a", backendRefs, matches: [{ ...anyPath, headers: [{ name: "end-user", value: "jason" }] }] };
    const [twin, itself, ...more] = withRuleCopies([rule], { to, requestIds: ".*[0-3]", pathPrefix: "/reviews" }, all);
    assert.deepEqual(twin, {
      backendRefs,
      filters: [ours],
      matches: [
        {
          path: { type: "PathPrefix", value: "/reviews" },
          headers: [
            { name: "end-user", value: "jason" },
            { type: "RegularExpression", name: "x-request-id", value: ".*[0-3]" },
          ],
        },
      ],
    });
    assert.deepEqual([itself, more], [rule, []]);
  });

  test("that ask for another path, or for request ids, cannot be asked more, and too many rules are refused", () => {
    const asks = (match: RouteMatch) => [{ backendRefs, matches: [match] }];
    assert.throws(
      () => withRuleCopies(asks({ path: { type: "Exact", value: "/" } }), { to, pathPrefix: "/a" }, all),
      /already matches path \//,
    );
    const header = { headers: [{ name: "X-Request-Id", value: "a" }] };
    assert.throws(() => withRuleCopies(asks(header), { to, requestIds: ".*" }, all), /already matches x-request-id/);
    const nine = Array.from({ length: 9 }, () => ({ backendRefs }));
    assert.throws(() => withRuleCopies(nine, { to, requestIds: ".*" }, all), /has 9 rules and would need 18, of 16/);
    assert.equal(withRuleCopies(nine, { to }, all).length, 9);
    assert.throws(() => withRuleCopies(nine, { to: { host: to.host } }, all), /has to name the port/);
  });

  test("that are not meant are left as they are", () => {
    const rules = [{ backendRefs }, { backendRefs: [{ name: "ratings" }] }];
    const copied = withRuleCopies(rules, { to }, ({ backendRefs: [first] = [] }) => first!.name === "ratings");
    assert.deepEqual(copied, [rules[0], { ...rules[1], filters: [ours] }]);
  });
});

test("whether copies go somewhere already is known by name, namespace and port", () => {
  assert.ok(ruleCopiesTo({ filters: [ours] }, to));
  assert.ok(!ruleCopiesTo({ filters: [ours] }, { ...to, port: { number: 1 } }) && !ruleCopiesTo({}, to));
});
