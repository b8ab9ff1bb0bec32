import assert from "node:assert/strict";
import { test } from "node:test";
import { servicePort } from "../../../mesh/cluster/service-port.js";
import { ClusterRefusal } from "../../../mesh/index.js";
import { recorderService, service } from "../../support/cluster.js";
import { MemoryCluster } from "../../support/memory-cluster.js";

const at = (name: string, number?: number) => ({
  host: `${name}.tapeloop.svc.cluster.local`,
  ...(number === undefined ? {} : { port: { number } }),
});

test("a Service's port is the one that is named, or its only one; else one line says what it has", async () => {
  const cluster = new MemoryCluster();
  for (const object of [recorderService(), service("tapeloop", "one")]) await cluster.create(object);
  assert.equal((await servicePort(cluster, at("recorder", 8081)))!.name, "http2-8081");
  assert.equal((await servicePort(cluster, at("one")))!.port, 80);
  await assert.rejects(servicePort(cluster, at("recorder", 1)), /recorder in .* has no port 1 \(it has 8080, 8081\)/);
  await assert.rejects(servicePort(cluster, at("recorder")), /has several ports: name one \(it has 8080, 8081\)/);
  await assert.rejects(servicePort(cluster, at("none", 80)), /there is no Service none in namespace tapeloop/);
});

test("where a Service may not be read nothing is known of its ports", async () => {
  const cluster = new MemoryCluster();
  cluster.read = () => Promise.reject(new ClusterRefusal(403, "forbidden"));
  assert.equal(await servicePort(cluster, at("recorder", 8080)), undefined);
});
