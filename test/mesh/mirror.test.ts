import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseRecorder } from "../../mesh/mirror/mirror.js";
import { copiesTo, withCopies } from "../../mesh/mirror/mirror-routes.js";

const to = { host: "recorder.tapeloop.svc.cluster.local", port: { number: 8080 } };
const ours = { destination: to, percentage: { value: 100 } };
const route = [{ destination: { host: "reviews" } }];

describe("the routes of a mirrored service", () => {
  test("each get a mirror more, and keep all else", () => {
    const before = [{ name: "a", route, timeout: "3s", mirrors: [{ destination: { host: "other" } }] }, { route }];
    assert.deepEqual(withCopies(before, { to }), [
      { name: "a", route, timeout: "3s", mirrors: [{ destination: { host: "other" } }, ours] },
      { route, mirrors: [ours] },
    ]);
  });

  test("keep the old single mirror and its share as the first of several, for Istio takes one form or the other", () => {
    const shares: [object, object][] = [
      [{}, {}],
      [{ mirrorPercentage: { value: 5 } }, { percentage: { value: 5 } }],
      [{ mirrorPercent: 7 }, { percentage: { value: 7 } }],
      [{ mirror_percent: 9 }, { percentage: { value: 9 } }],
    ];
    for (const [written, kept] of shares) {
      assert.deepEqual(withCopies([{ route, mirror: { host: "other" }, ...written }], { to }), [
        { route, mirrors: [{ destination: { host: "other" }, ...kept }, ours] },
      ]);
    }
  });

  test("get a twin before them where only some requests are copied", () => {
    const [twin, itself, ...more] = withCopies([{ name: "a", route, retries: { attempts: 3 } }], {
      to,
      requestIds: ".*[0-3]",
      pathPrefix: "/reviews",
    });
    assert.deepEqual(twin, {
      name: "tapeloop-mirror-a",
      route,
      retries: { attempts: 3 },
      mirrors: [ours],
      match: [{ headers: { "x-request-id": { regex: ".*[0-3]" } }, uri: { prefix: "/reviews" } }],
    });
    assert.deepEqual([itself, more], [{ name: "a", route, retries: { attempts: 3 } }, []]);
  });

  test("that answer themselves are left as they are; where all do there is nothing to copy", () => {
    const redirect = { redirect: { uri: "/new" } };
    assert.deepEqual(withCopies([redirect, { route }], { to })[0], redirect);
    assert.throws(() => withCopies([redirect], { to }), /nothing to copy/);
  });
});

test("whether copies go somewhere already is known by host and port, in both forms", () => {
  assert.ok(copiesTo({ mirror: to }, to) && copiesTo({ mirrors: [ours] }, to));
  assert.ok(!copiesTo({ mirrors: [{ destination: { host: to.host } }] }, to) && !copiesTo({ route }, to));
});

test("a recorder is named as a service, with its namespace and port where they are given", () => {
  assert.deepEqual(parseRecorder("recorder.tapeloop:8080", "shop"), to);
  assert.deepEqual(parseRecorder("recorder.tapeloop.svc.cluster.local:8080", "shop"), to);
  assert.deepEqual(parseRecorder("recorder", "shop"), { host: "recorder.shop.svc.cluster.local" });
  for (const wrong of ["http://recorder:80", "recorder:eighty", "", "a.b.c.d:1"]) {
    assert.throws(() => parseRecorder(wrong, "shop"), /must be SERVICE.NAMESPACE:PORT/);
  }
});
