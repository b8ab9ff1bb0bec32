import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stringify } from "yaml";
import { lossesIn } from "../../mesh/doctor/check-sidecars.js";
import { examine } from "../../mesh/doctor/examine.js";
import { serviceCalled, serviceNamed } from "../../mesh/doctor/host.js";
import { findingIds } from "../../mesh/doctor/ids.js";
import { type ClusterObject, examineFiles, type Finding, readManifests } from "../../mesh/index.js";
import { istioConfigFor } from "../../recorder/index.js";
import {
  configMap,
  destinationRule,
  httpRoute,
  mirrorTo,
  namespace,
  pod,
  route,
  service,
  sidecarPod,
  virtualService,
} from "../support/manifests.js";

/** What is found in these objects, as if they were all there is. */
function found(...objects: readonly object[]): Finding[] {
  const seen = { namespace: "shop", objects: objects as ClusterObject[], unread: [], filesAlone: false };
  return examine(seen).findings;
}
const ids = (findings: readonly Finding[]) => findings.map(({ id }) => id);

/** A shop in which everything is right: reviews with a fault for marked calls, a mirror, a recorder. */
const reviews = service("reviews", { http: 9080 });
const recorder = service("recorder", { "http2-mirror": 8080, "grpc-ext-proc": 50051 });
const good = [
  ...[reviews, recorder, service("web", { http: 80 })],
  ...[sidecarPod("web"), sidecarPod("reviews"), sidecarPod("recorder")],
];
const abort = (percentage?: object) => ({ fault: { abort: { httpStatus: 503, ...(percentage && { percentage }) } } });
const all = { value: 100 };
const marked = { match: [{ headers: { "x-request-id": { prefix: "deadbeef" } } }] };
const delegating = { match: [{ uri: { prefix: "/page" } }] };
const toReviews = (...routes: readonly object[]) => virtualService("reviews", ["reviews"], routes);

/** ext_proc as `record --print-envoy-filter` prints it, with something of it changed. */
function extProc(
  change: (config: Record<string, unknown>, pool: Record<string, unknown>) => void = () => {},
): object[] {
  const options = { tells: "ext-proc", context: "inbound", namespace: "shop", labels: {} } as const;
  const to = { host: "recorder.shop.svc.cluster.local", port: 50051 };
  const [filter, rule] = structuredClone(istioConfigFor({ ...options, ...to })) as [Filter, Rule];
  change(filter.spec.configPatches[0]!.patch.value.typed_config, rule.spec.trafficPolicy.connectionPool.http);
  return [filter, rule];
}
interface Filter {
  spec: { configPatches: { patch: { value: { typed_config: Record<string, unknown> } } }[] };
}
interface Rule {
  spec: { trafficPolicy: { connectionPool: { http: Record<string, unknown> } } };
}

const entry = (more: object) =>
  configMap("tapeloop-journal-1", {
    ...{ format: 1, id: "1", what: "fault down on reviews", kind: "fault", subject: "reviews", by: "somebody" },
    ...{ at: "2026-01-31T12:00:00.000Z", changes: [] },
    ...more,
  });

/** For each finding: what is wrong, and the same put right. */
const cases: Record<string, { what: string; wrong: readonly object[]; right: readonly object[] }> = {
  TL0101: {
    what: "a fault without a percentage",
    wrong: [toReviews({ ...marked, ...abort(), ...route("reviews") })],
    right: [toReviews({ ...marked, ...abort(all), ...route("reviews") })],
  },
  TL0102: {
    what: "a fault with a percentage of 0, which may be written as an empty one",
    wrong: [toReviews({ ...abort({}), ...route("reviews") })],
    right: [toReviews({ ...abort({ value: 0.1 }), ...route("reviews") })],
  },
  TL0103: {
    what: "callers without a sidecar",
    wrong: [toReviews({ ...abort(all), ...route("reviews") }), pod("batch")],
    right: [toReviews({ ...abort(all), ...route("reviews") }), sidecarPod("batch")],
  },
  TL0104: {
    what: "a fault behind a route that takes everything",
    wrong: [toReviews(route("reviews"), { ...marked, ...abort(all), ...route("reviews") })],
    right: [toReviews({ ...marked, ...abort(all), ...route("reviews") }, route("reviews"))],
  },
  TL0105: {
    what: "a host that is no Service",
    wrong: [virtualService("a", ["review"], [route("reviews")])],
    right: [virtualService("a", ["reviews.shop.svc.cluster.local"], [route("reviews")])],
  },
  TL0106: {
    what: "a route to what is no Service",
    wrong: [toReviews(route("reviews-v2"))],
    right: [toReviews(route("reviews-v2")), service("reviews-v2", { http: 9080 })],
  },
  TL0107: {
    what: "a subset that nobody defines",
    wrong: [toReviews(route("reviews", { subset: "v2" })), destinationRule("reviews", ["v1"])],
    right: [toReviews(route("reviews", { subset: "v2" })), destinationRule("reviews", ["v1", "v2"])],
  },
  TL0108: {
    what: "retries of a route with a fault",
    wrong: [toReviews({ ...abort(all), ...route("reviews"), retries: { attempts: 3 } })],
    right: [
      toReviews({ ...marked, ...abort(all), ...route("reviews") }, { ...route("reviews"), retries: { attempts: 3 } }),
    ],
  },
  TL0109: {
    what: "a delay that outlasts the timeout of its caller",
    wrong: [...delayed("3s")],
    right: [...delayed("2s")],
  },
  TL0110: {
    what: "a fault on a port that is TCP to Istio",
    wrong: [virtualService("db", ["db"], [{ ...abort(all), ...route("db") }]), service("db", { "tcp-db": 5432 })],
    right: [virtualService("db", ["db"], [{ ...abort(all), ...route("db") }]), service("db", { "http-db": 5432 })],
  },
  TL0111: {
    what: "a fault in a VirtualService that delegates some requests to one without it",
    wrong: [
      toReviews({ ...delegating, delegate: { name: "pages" } }, { ...marked, ...abort(all), ...route("reviews") }),
      virtualService("pages", [], [route("reviews")]),
    ],
    right: [
      toReviews({ ...delegating, delegate: { name: "pages" } }, { ...marked, ...abort(all), ...route("reviews") }),
      virtualService("pages", [], [{ ...marked, ...abort(all), ...route("reviews") }, route("reviews")]),
    ],
  },
  TL0201: {
    what: "two VirtualServices for one host, in two spellings",
    wrong: [
      virtualService("a", ["reviews"], [route("reviews")]),
      virtualService("b", ["reviews.shop.svc.cluster.local"], [route("reviews")]),
    ],
    right: [
      virtualService("a", ["reviews"], [route("reviews")]),
      virtualService("b", ["reviews"], [route("reviews")], { gateways: ["edge"] }),
    ],
  },
  TL0202: {
    what: "a VirtualService that nobody obeys beside an HTTPRoute",
    wrong: [toReviews(route("reviews")), httpRoute("reviews")],
    right: [
      virtualService("edge", ["reviews"], [route("reviews")], { gateways: ["edge"] }),
      ...[httpRoute("reviews"), virtualService("web", ["web"], [route("web")])],
    ],
  },
  TL0301: {
    what: "a mirror to what is no Service",
    wrong: [toReviews({ ...route("reviews"), ...mirrorTo("recordr", 8080) })],
    right: [toReviews({ ...route("reviews"), ...mirrorTo("recorder", 8080) })],
  },
  TL0302: {
    what: "a mirror to a Service without a ready pod",
    wrong: [toReviews({ ...route("reviews"), ...mirrorTo("idle", 8080) }), service("idle", { http2: 8080 })],
    right: [
      toReviews({ ...route("reviews"), ...mirrorTo("idle", 8080) }),
      service("idle", { http2: 8080 }),
      sidecarPod("idle"),
    ],
  },
  TL0303: {
    what: "a mirror to a port that the Service does not have",
    wrong: [toReviews({ ...route("reviews"), ...mirrorTo("recorder", 8081) })],
    right: [toReviews({ ...route("reviews"), ...mirrorTo("recorder", 8080) })],
  },
  TL0304: {
    what: "a mirror of a random share",
    wrong: [toReviews({ ...route("reviews"), ...mirrorTo("recorder", 8080, { value: 25 }) })],
    right: [toReviews({ ...route("reviews"), ...mirrorTo("recorder", 8080, { value: 100 }) })],
  },
  TL0305: {
    what: "a mirror of nothing",
    wrong: [
      toReviews({ ...route("reviews"), mirror: { host: "recorder", port: { number: 8080 } }, mirrorPercentage: {} }),
    ],
    right: [toReviews({ ...route("reviews"), mirror: { host: "recorder", port: { number: 8080 } } })],
  },
  TL0401: {
    what: "a recorder's port whose name says no protocol",
    wrong: [
      toReviews({ ...route("reviews"), ...mirrorTo("odd", 1) }),
      service("odd", { copies: 1 }),
      sidecarPod("odd"),
    ],
    right: [toReviews({ ...route("reviews"), ...mirrorTo("odd", 1) }), service("odd", { http2: 1 }), sidecarPod("odd")],
  },
  TL0402: {
    what: "an ext_proc filter that is not in observability mode",
    wrong: extProc((config) => delete config.observability_mode),
    right: extProc(),
  },
  TL0403: {
    what: "an ext_proc filter that fails calls",
    wrong: extProc((config) => Object.assign(config, { failure_mode_allow: false })),
    right: extProc(),
  },
  TL0404: {
    what: "ext_proc streams that stay open for as long as Envoy likes",
    wrong: extProc((config) => delete config.deferred_close_timeout),
    right: extProc((config) => Object.assign(config, { deferred_close_timeout: "1s" })),
  },
  TL0405: {
    what: "an ext_proc filter without a message timeout",
    wrong: extProc((config) => delete config.message_timeout),
    right: extProc(),
  },
  TL0406: {
    what: "an ext_proc filter without an authority",
    wrong: extProc(({ grpc_service }) => {
      delete (grpc_service as { envoy_grpc: { authority?: string } }).envoy_grpc.authority;
    }),
    right: extProc(),
  },
  TL0407: {
    what: "a recorder's cluster with Envoy's own breaker",
    wrong: extProc((_config, pool) => Object.assign(pool, { http2MaxRequests: 1024 })),
    right: extProc((_config, pool) => delete pool.http2MaxRequests),
  },
  TL0408: {
    what: "connections to a recorder that nothing ends",
    wrong: extProc().slice(0, 1),
    right: extProc(),
  },
  TL0409: {
    what: "an ext_proc filter that tells a port which is not there",
    wrong: extProc(({ grpc_service }) => {
      (grpc_service as { envoy_grpc: { cluster_name: string } }).envoy_grpc.cluster_name =
        "outbound|50052||recorder.shop.svc.cluster.local";
    }),
    right: extProc(),
  },
  TL0501: {
    what: "a replayer without a sidecar",
    wrong: [...replayer(pod)],
    right: [...replayer(sidecarPod)],
  },
  TL0502: {
    what: "a replayer without a Service",
    wrong: replayer(sidecarPod).slice(0, 1),
    right: [...replayer(sidecarPod)],
  },
  TL0801: {
    what: "a journal entry whose command's lease has run out",
    wrong: [entry({ leaseUntil: "2026-01-31T12:01:00.000Z" })],
    right: [entry({}), entry({ leaseUntil: "9026-01-31T12:01:00.000Z" })],
  },
  TL0802: {
    what: "a journal entry that somebody has edited",
    wrong: [entry({ changes: undefined })],
    right: [entry({})],
  },
  TL0803: {
    what: "an object whose journal entry is gone",
    wrong: [annotated("2"), entry({})],
    right: [annotated("1"), entry({})],
  },
  TL0804: {
    what: "a namespace that is not open",
    wrong: [namespace("shop", { "tapeloop.io/allow-mirror": "true" })],
    right: [
      namespace(
        "shop",
        Object.fromEntries(["mirror", "faults", "replay"].map((one) => [`tapeloop.io/allow-${one}`, "true"])),
      ),
    ],
  },
};

function delayed(fixedDelay: string): object[] {
  const fault = { delay: { fixedDelay, percentage: all } };
  return [
    toReviews({ match: [{ sourceLabels: { app: "web" } }], fault, ...route("reviews") }),
    virtualService("web", ["web"], [{ ...route("web"), timeout: "2.5s" }]),
  ];
}

function replayer(make: typeof pod): object[] {
  const labels = { "app.kubernetes.io/name": "tapeloop-replay" };
  return [make("replay", labels), { ...service("replay", {}), spec: { selector: labels, clusterIP: "None" } }];
}

function annotated(id: string): object {
  const object = toReviews(route("reviews")) as ClusterObject;
  return { ...object, metadata: { ...object.metadata, annotations: { "tapeloop.io/journal": id } } };
}

describe("doctor finds", () => {
  for (const [id, { what, wrong, right }] of Object.entries(cases)) {
    test(`${what} (${id}), and nothing else; put right it is silent`, () => {
      assert.deepEqual(ids(found(...good, ...wrong)), [id]);
      assert.deepEqual(found(...good, ...right), []);
    });
  }

  test("everything that has an id, here or in another test of its own", () => {
    const elsewhere = [
      ...["TL0001", "TL0410", "TL0701"],
      ...["TL0601", "TL0602", "TL0603", "TL0604", "TL0605", "TL0606", "TL0607"],
      ...["TL0306", "TL0901", "TL0902"],
    ];
    assert.deepEqual([...Object.keys(cases), ...elsewhere].sort(), Object.keys(findingIds).sort());
  });
});

/** What may be wrong with the mirror of an HTTPRoute. */
const recorderRef = { group: "", kind: "Service", name: "recorder", port: 8080 };
const routeMirrors: Record<string, object> = {
  TL0301: { backendRef: { ...recorderRef, name: "recordr" } },
  TL0302: { backendRef: { ...recorderRef, name: "idle" } },
  TL0303: { backendRef: { ...recorderRef, port: 8081 } },
  TL0304: { backendRef: recorderRef, percent: 25 },
  TL0305: { backendRef: recorderRef, fraction: { numerator: 0 } },
};

describe("of an HTTPRoute's mirror doctor finds", () => {
  const idle = service("idle", { http2: 8080 });
  for (const [id, mirror] of Object.entries(routeMirrors)) {
    test(`${findingIds[id as keyof typeof findingIds]} (${id}), and nothing else`, () => {
      const [finding, ...more] = found(...good, idle, httpRoute("reviews", mirror));
      assert.deepEqual([finding?.id, finding?.place.kind, more], [id, "HTTPRoute", []]);
      assert.equal(finding!.place.path, "spec.rules[0].filters[0].requestMirror");
    });
  }

  test("the share, however it is written", () => {
    for (const share of [
      { percent: 25 },
      { fraction: { numerator: 25 } },
      { fraction: { numerator: 1, denominator: 4 } },
    ]) {
      const [finding] = found(...good, httpRoute("reviews", { backendRef: recorderRef, ...share }));
      assert.match(finding!.seen, /^it copies a random 25 % of the requests/);
    }
  });

  test("nothing in one of all calls, or of a fraction that is all, to a recorder of another namespace, or to what is no Service", () => {
    const fraction = { numerator: 1000, denominator: 1000 };
    for (const mirror of [
      { backendRef: recorderRef },
      { backendRef: { ...recorderRef, namespace: "tools" }, fraction },
      { backendRef: { group: "networking.istio.io", kind: "Hostname", name: "api.example.com", port: 443 } },
    ]) {
      const tools = [service("recorder", { http2: 8080 }, "tools"), sidecarPod("recorder", undefined, "tools")];
      assert.deepEqual(found(...good, ...tools, httpRoute("reviews", mirror)), []);
    }
  });

  test("it in a file of HTTPRoutes alone, at its line", () => {
    const files = readManifests(stringify(httpRoute("reviews", routeMirrors.TL0304)), "route.yaml");
    const { findings } = examineFiles(files);
    assert.deepEqual(
      findings.map(({ id, place }) => [id, place.file]),
      [["TL0304", "route.yaml:15"]],
    );
  });
});

test("what we print for ext_proc, and a whole good shop, is silent", () => {
  const shop = toReviews(
    { ...marked, ...abort(all), ...route("reviews", { subset: "v1" }) },
    { ...route("reviews", { subset: "v1" }), ...mirrorTo("recorder.shop.svc.cluster.local", 8080) },
  );
  assert.deepEqual(found(...good, shop, destinationRule("reviews", ["v1"]), ...extProc()), []);
});

test("a filter of somebody else's is nobody's business here", () => {
  const [filter] = extProc((config) => {
    delete config.observability_mode;
    delete (config.grpc_service as { initial_metadata?: unknown }).initial_metadata;
  }) as [ClusterObject];
  filter.metadata.name = "opa";
  assert.deepEqual(found(...good, filter), []);
});

test("a check whose objects the cluster would not show is a finding, and never a pass", () => {
  const seen = {
    namespace: "shop",
    objects: [
      toReviews({ ...route("reviews"), ...mirrorTo("recorder.tools.svc.cluster.local", 8080) }),
    ] as ClusterObject[],
    unread: [
      { kind: "Pod", namespace: "shop", why: "pods is forbidden" },
      { kind: "Service", namespace: "tools", why: "services is forbidden in tools" },
    ],
    filesAlone: false,
  };
  const { findings } = examine({ ...seen, objects: [...seen.objects, reviews as ClusterObject] });
  const unknown = findings.filter(({ severity }) => severity === "unknown");
  assert.deepEqual(
    ids(findings),
    unknown.map(() => "TL0001"),
  );
  assert.deepEqual(
    unknown.map(({ seen: said }) => said),
    [
      "callers without a sidecar could not be checked: pods is forbidden",
      "the mirror at VirtualService shop/reviews spec.http[0].mirrors[0] could not be checked: services is forbidden in tools",
      "replayers could not be checked: pods is forbidden",
    ],
  );
});

describe("routes that are never reached", () => {
  const hidden = (first: object, second: object) =>
    ids(found(...good, toReviews({ match: [first], ...route("reviews") }, { match: [second], ...route("reviews") })));

  test("are those whose every request an earlier one takes", () => {
    for (const [first, second] of [
      [{ uri: { prefix: "/a" } }, { uri: { prefix: "/a/b" } }],
      [{ uri: { prefix: "/a" } }, { uri: { exact: "/ab" }, method: { exact: "GET" } }],
      [{ headers: { user: {} } }, { headers: { user: { exact: "jason" }, other: {} } }],
      [{ sourceLabels: { app: "web" } }, { sourceLabels: { app: "web", version: "v1" } }],
      [{ uri: { regex: "/a.*" } }, { uri: { regex: "/a.*" }, name: "again" }],
    ]) {
      assert.deepEqual(hidden(first!, second!), ["TL0104"], JSON.stringify([first, second]));
    }
  });

  test("are not those behind a fault of ours for a share, which does the same with them, but for a second fault", () => {
    const { mirrors } = mirrorTo("recorder", 8080);
    const itself = { ...route("reviews"), mirrors };
    const slow = { name: "tapeloop-fault-slow-0", ...itself, ...abort({ value: 50 }) };
    assert.deepEqual(ids(found(...good, toReviews(slow, itself))), []);
    const placesOf = (...routes: object[]) =>
      found(...good, toReviews(...routes)).map(({ id, severity, place }) => [id, severity, place.path]);
    const second = { ...slow, name: "tapeloop-fault-slower-0" };
    assert.deepEqual(placesOf(slow, second, itself), [["TL0104", "error", "spec.http[1]"]]);
    const edited = { ...itself, mirrors: [...mirrors, ...mirrors] };
    assert.deepEqual(placesOf(slow, edited), [["TL0104", "error", "spec.http[1]"]]);
    assert.deepEqual(placesOf({ ...slow, name: "theirs" }, itself), [["TL0104", "error", "spec.http[1]"]]);
  });

  test("are not those that take a request more", () => {
    for (const [first, second] of [
      [{ uri: { prefix: "/a/b" } }, { uri: { prefix: "/a" } }],
      [{ uri: { exact: "/a" } }, { uri: { prefix: "/a" } }],
      [{ uri: { prefix: "/a" }, ignoreUriCase: true }, { uri: { prefix: "/a" } }],
      [{ headers: { user: { exact: "jason" } } }, { headers: { user: {} } }],
      [{ withoutHeaders: { user: {} } }, { headers: { user: {} } }],
      [{ method: { exact: "GET" } }, { uri: { prefix: "/a" } }],
      [{ uri: { regex: "/a.*" } }, { uri: { exact: "/ab" } }],
    ]) {
      assert.deepEqual(hidden(first!, second!), [], JSON.stringify([first, second]));
    }
  });
});

test("a host with a dot is what Istio takes it for", () => {
  assert.deepEqual(serviceNamed("reviews", "shop"), { name: "reviews", namespace: "shop" });
  assert.deepEqual(serviceNamed("Reviews.shop.svc.cluster.local", "x"), { name: "reviews", namespace: "shop" });
  for (const host of [
    "reviews.shop",
    "reviews.shop.svc",
    "example.com",
    "*",
    "*.svc.cluster.local",
    "a.b.c.svc.cluster.local",
  ]) {
    assert.equal(serviceNamed(host, "shop"), undefined, host);
  }
  const [finding] = found(...good, virtualService("a", ["reviews.shop"], [route("reviews")]));
  assert.deepEqual([finding!.id, finding!.severity], ["TL0105", "error"]);
  assert.match(finding!.fix, /write reviews\.shop\.svc\.cluster\.local$/);
  const [outside] = found(...good, virtualService("a", ["api.example.com"], [route("reviews")]));
  assert.deepEqual([outside!.id, outside!.severity], ["TL0105", "warning"]);
});

test("an authority is what a pod's resolver makes of it", () => {
  const called = (authority: string) => serviceCalled(authority, "shop", (name) => name === "shop" || name === "prod");
  for (const authority of [
    "reviews",
    "reviews:9080",
    "reviews.shop",
    "reviews.shop.svc:80",
    "REVIEWS.shop.svc.cluster.local.",
  ]) {
    assert.deepEqual(called(authority), { name: "reviews", namespace: "shop" }, authority);
  }
  assert.deepEqual(called("reviews.prod:80"), { name: "reviews", namespace: "prod" });
  for (const authority of ["example.com", "api.example.com:443", "10.0.0.7:80", "[::1]:80"]) {
    assert.equal(called(authority), undefined, authority);
  }
});

test("what a sidecar's counters say was lost is found; counters that are not kept are not taken for zero", () => {
  const place = { kind: "Pod", name: "reviews-1" };
  const name = "http.inbound_0.0.0.0_9080;.ext_proc";
  assert.deepEqual(
    ids(
      lossesIn(
        new Map([
          [`${name}.streams_started`, 9],
          [`${name}.failure_mode_allowed`, 0],
        ]),
        place,
      ),
    ),
    [],
  );
  const [lost] = lossesIn(new Map([[`${name}.failure_mode_allowed`, 3]]), place);
  assert.deepEqual([lost!.id, lost!.severity], ["TL0410", "warning"]);
  assert.match(lost!.seen, /3 calls/);
  assert.deepEqual(lossesIn(new Map([["http.admin.rq_total", 3]]), place)[0]!.severity, "unknown");
});

describe("files alone", () => {
  const text = [
    ...[
      "# A comment",
      "apiVersion: networking.istio.io/v1",
      "kind: VirtualService",
      "metadata: { name: reviews }",
      "spec:",
    ],
    ...["  hosts: [reviews]", "  http:", "    - match: [{ uri: { prefix: /a } }]"],
    ...["      route: [{ destination: { host: reviews } }]", "      fault:", "        abort: { httpStatus: 503 }"],
  ].join("\n");

  test("say file and line, and which checks need more than they hold", () => {
    const { findings, skipped } = examineFiles(readManifests(text, "bad.yaml"));
    assert.deepEqual(
      findings.map(({ id, place: { file } }) => [id, file]),
      [["TL0101", "bad.yaml:11"]],
    );
    assert.ok(skipped.some(({ check }) => check === "hosts that nobody serves"));
    assert.ok(!skipped.some(({ check }) => check === "two VirtualServices for one host"));
  });

  test("may hold several documents, Lists and nothing", () => {
    const list = { apiVersion: "v1", kind: "List", items: [service("a", {}), service("b", {})] };
    const objects = readManifests(`---\n${stringify(list)}---\n# nothing\n---\n${text}\n`, "many.yaml");
    assert.deepEqual(
      objects.map(({ object: { kind, metadata } }) => `${kind} ${metadata.name}`),
      ["Service a", "Service b", "VirtualService reviews"],
    );
    assert.equal(readManifests("", "empty.yaml").length, 0);
  });

  test("that are no manifests are refused with file and line", () => {
    assert.throws(
      () => readManifests("a: 1", "x.yaml"),
      /^OperatorError: cannot use x\.yaml:1: is no Kubernetes object/,
    );
    assert.throws(() => readManifests("kind: Pod\na: [", "x.yaml"), /^OperatorError: cannot use x\.yaml:\d: /);
    assert.throws(() => readManifests(`${text}\n---\n- 1`, "x.yaml"), /cannot use x\.yaml:13: is no Kubernetes object/);
  });
});
