import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { flagOfField, flagsOfMask } from "../../recorder/envoy/response-flags.js";
import { answererOf } from "../../recorder/envoy/via-upstream.js";
import { envoyConfigFor, envoyTells, istioConfigFor, istioContexts } from "../../recorder/index.js";

test("the flags of a mask are those of its bits, and the access log numbers them alike", () => {
  assert.deepEqual(flagsOfMask(0), []);
  assert.deepEqual(flagsOfMask(1 + 4 + 2 ** 14), ["LH", "UT", "DC"]);
  assert.deepEqual(flagsOfMask(2 ** 29), ["UDO"]);
  assert.equal(flagsOfMask(2 ** 30 - 1).length, 30);
  assert.deepEqual(
    [flagOfField(1), flagOfField(6), flagOfField(27), flagOfField(28), flagOfField(0)],
    [...["LH", "UF", "DF"], ...[undefined, undefined]],
  );
});

test("all but one of the response code details are of answers that the proxy made itself", () => {
  assert.deepEqual(answererOf("via_upstream"), { answeredBy: "service" });
  assert.deepEqual(answererOf("route_not_found"), { answeredBy: "proxy", details: "route_not_found" });
  assert.deepEqual(answererOf(""), {});
});

const host = fc.constantFrom("recorder.tools.svc.cluster.local", "10.1.2.3", "::1");

test("whatever is asked for, the printed configuration has none of the ways to lose calls or to hurt them", () => {
  fc.assert(
    fc.property(fc.constantFrom(...envoyTells), host, fc.constantFrom(...istioContexts), (tells, name, context) => {
      const options = { tells, host: name, port: 50051 };
      const bare = JSON.stringify(envoyConfigFor(options));
      const istio = JSON.stringify(istioConfigFor({ ...options, context, namespace: "shop", labels: {} }));
      for (const text of [bare, istio]) {
        assert.match(text, /"per_connection_buffer_limit_bytes":67108864[,}]/);
        assert.ok(!text.includes("xds.node"));
        assert.equal(text.includes('"failure_mode_allow":true'), tells === "ext-proc");
        assert.equal(text.includes('"observability_mode":true'), tells === "ext-proc");
        assert.equal(text.includes('"deferred_close_timeout":"2s"'), tells === "ext-proc");
        if (tells !== "mirror") assert.match(text, /"authority":"[^"|]+"/);
      }
      assert.match(bare, /"max_requests":100000[,}]/);
      assert.match(bare, /"max_requests_per_connection":500[,}]/);
      assert.match(bare, /"initial_stream_window_size":67108864/);
      assert.match(istio, /"http2MaxRequests":100000[,}]/);
      assert.match(istio, /"maxRequestsPerConnection":500[,}]/);
    }),
  );
});

test("of a mirror the bounds of the recorder's cluster are set, and nothing that Istio's routes say", () => {
  const options = { tells: "mirror", host: "recorder.tools.svc", port: 8080, namespace: "shop", labels: {} } as const;
  const [filter, rule] = istioConfigFor({ ...options, context: "outbound" }) as [
    { spec: { configPatches: { applyTo: string; match: { context: string; cluster: object } }[] } },
    object,
  ];
  const [patch, ...more] = filter.spec.configPatches;
  assert.deepEqual([patch?.applyTo, patch?.match.context, more], ["CLUSTER", "SIDECAR_OUTBOUND", []]);
  assert.deepEqual(patch?.match.cluster, { service: "recorder.tools.svc", portNumber: 8080 });
  const [, ruleOfExtProc] = istioConfigFor({ ...options, tells: "ext-proc", context: "inbound" });
  assert.deepEqual(rule, ruleOfExtProc, "two rules for one host would be at odds");
  const bare = envoyConfigFor(options) as { request_mirror_policies: object[]; clusters: { name: string }[] };
  assert.deepEqual(bare.request_mirror_policies, [{ cluster: bare.clusters[0]!.name }]);
});

test("the EnvoyFilter stands where it is asked to, and the DestinationRule is the recorder's", () => {
  const options = { tells: "ext-proc", host: "recorder.tools.svc", port: 50051, namespace: "shop" } as const;
  const [filter, rule] = istioConfigFor({ ...options, context: "inbound", labels: { app: "reviews" } }) as [
    { metadata: object; spec: { workloadSelector?: object; configPatches: { match: { context: string } }[] } },
    { spec: { host: string } },
  ];
  assert.deepEqual(filter.metadata, { name: "tapeloop-ext-proc-inbound", namespace: "shop" });
  assert.deepEqual(filter.spec.workloadSelector, { labels: { app: "reviews" } });
  // The recorder's cluster is one of those that a sidecar sends to, also where calls that come in are told of.
  assert.deepEqual(
    filter.spec.configPatches.map(({ match }) => match.context),
    ["SIDECAR_INBOUND", "SIDECAR_OUTBOUND"],
  );
  assert.match(JSON.stringify(filter), /outbound\|50051\|\|recorder\.tools\.svc/);
  assert.equal(rule.spec.host, "recorder.tools.svc");
  const [all] = istioConfigFor({ ...options, context: "gateway", labels: {} }) as [typeof filter];
  assert.equal(all.spec.workloadSelector, undefined);
});
