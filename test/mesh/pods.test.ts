import assert from "node:assert/strict";
import { test } from "node:test";
import { podsOf } from "../../mesh/index.js";
import { parseHosts, parseStats } from "../../mesh/pods/sidecar.js";
import { MemoryCluster } from "../support/memory-cluster.js";

test("counters and gauges are read, what is neither is left out", () => {
  const text = "cluster.a|80||b.upstream_rq_total: 12\nserver.state: 0\nh.ms: P0(nan,1) P25(nan,1)\nversion: a1\n\n";
  assert.deepEqual(
    [...parseStats(text)],
    [
      ["cluster.a|80||b.upstream_rq_total", 12],
      ["server.state", 0],
    ],
  );
});

test("what an Envoy counts for each host is read, for addresses of both kinds", () => {
  const text = [
    "outbound|80||r.ns.svc::observability_name::outbound|80||r.ns.svc",
    "outbound|80||r.ns.svc::default_priority::max_requests::4294967295",
    "outbound|80||r.ns.svc::10.0.0.1:8080::rq_total::7",
    "outbound|80||r.ns.svc::10.0.0.1:8080::health_flags::healthy",
    "outbound|80||r.ns.svc::[fd00::1]:8080::rq_total::9",
  ].join("\n");
  assert.deepEqual(
    parseHosts(text).map(({ host, counts }) => [host, ...counts]),
    [
      ["10.0.0.1:8080", ["rq_total", 7]],
      ["[fd00::1]:8080", ["rq_total", 9]],
    ],
  );
});

test("pods behind a Service are those of its selector; one without a selector is refused", async () => {
  const cluster = new MemoryCluster();
  const service = (name: string, spec: object) =>
    cluster.create({ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "shop" }, spec });
  await service("reviews", { selector: { app: "reviews" } });
  await service("outside", {});
  const pod = (name: string, app: string, more: object = {}) =>
    cluster.create({
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop", labels: { app }, ...more } },
      ...{ spec: { initContainers: [{ name: "istio-proxy" }], containers: [{ name: "app" }] }, status: {} },
    });
  await pod("reviews-1", "reviews");
  await pod("reviews-2", "reviews", { deletionTimestamp: "2026-01-01T00:00:00Z" });
  await pod("ratings-1", "ratings");
  const found = await podsOf(cluster, "shop", { service: "reviews" });
  assert.deepEqual(
    found.map(({ name, hasSidecar, isReady }) => [name, hasSidecar, isReady]),
    [["reviews-1", true, false]],
  );
  await assert.rejects(podsOf(cluster, "shop", { service: "outside" }), /has no selector/);
});
