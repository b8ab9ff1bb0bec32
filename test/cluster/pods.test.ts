import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { test } from "node:test";
import { OperatorError } from "../../base/index.js";
import { forwardPort, openPort, podLogs, podPage, podsOf, sidecarHosts, sidecarStats } from "../../mesh/index.js";
import { newNamespace, realCluster } from "../support/cluster.js";
import { startMeshApps } from "../support/mesh-apps.js";
import { until } from "../support/until.js";

test("what runs in pods is reached through the API server: ports, logs, and what a sidecar counts", async (t) => {
  const real = await realCluster(t);
  if (real === undefined) return;
  const { cluster, kubeconfig } = real;
  const namespace = await newNamespace(t, cluster);
  const apps = await startMeshApps(cluster, kubeconfig, namespace, ["caller", "ratings"]);

  await t.test("the pods of a Service, or of labels, are found with what matters of them", async () => {
    const [pod, ...others] = await podsOf(cluster, namespace, { service: "ratings" });
    assert.deepEqual(others, []);
    assert.deepEqual(
      { ...pod!, labels: pod!.labels.app, ip: typeof pod!.ip },
      {
        ...{ namespace, name: "ratings", labels: "ratings", phase: "Running", isReady: true, hasSidecar: true },
        ...{ serviceAccount: "default", ip: "string", containers: ["app"] },
      },
    );
    assert.deepEqual(
      (await podsOf(cluster, namespace, { labels: "app in (caller,ratings)" })).map(({ name }) => name).sort(),
      ["caller", "ratings"],
    );
    assert.equal((await podsOf(cluster, namespace, {})).length, 2);
    await assert.rejects(podsOf(cluster, namespace, { service: "nobody" }), /there is no Service nobody/);
  });

  await t.test("a page that only the pod's loopback serves is read, many at a time", async () => {
    const pages = await Promise.all(
      Array.from({ length: 10 }, () => podPage(cluster, namespace, "ratings", 15000, "/ready")),
    );
    assert.deepEqual(new Set(pages), new Set(["LIVE\n"]));
    await assert.rejects(podPage(cluster, namespace, "ratings", 15000, "/nowhere"), (thrown: unknown) => {
      assert.ok(thrown instanceof OperatorError);
      assert.match(thrown.message, /cannot read \/nowhere at port 15000 of pod ratings .*: it answered 404/);
      return true;
    });
  });

  await t.test("large bodies pass whole in both directions, to a reader that is slow, too", async () => {
    const forwarded = await forwardPort(cluster, namespace, "ratings", 9000);
    const requests = Array.from({ length: 5 }, () => ({ host: "nobody.invalid", headers: { x: "y".repeat(200_000) } }));
    const asked = http.request({ port: forwarded.port, path: "/send", method: "POST", host: "127.0.0.1" });
    asked.end(JSON.stringify(requests));
    const [answer] = (await once(asked, "response")) as [http.IncomingMessage];
    let text = "";
    for await (const piece of answer) text += piece;
    assert.equal((JSON.parse(text) as unknown[]).length, 5, text);
    await forwarded.close();
    await assert.rejects(fetch(`http://127.0.0.1:${forwarded.port}/`), "nothing listens any more");
    await forwarded.close();

    const admin = await openPort(cluster, namespace, "ratings", 15000);
    admin.write("GET /config_dump HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let bytes = 0;
    for await (const piece of admin) {
      bytes += (piece as Buffer).length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const dump = await podPage(cluster, namespace, "ratings", 15000, "/config_dump");
    assert.ok(bytes > dump.length * 0.9 && dump.length > 100_000, `${bytes} of about ${dump.length}`);
    assert.ok(JSON.parse(dump));
  });

  await t.test("what cannot be reached is said in one line", async () => {
    const closed = await openPort(cluster, namespace, "ratings", 1);
    // It may have been told before it could be asked for.
    const failure = closed.errored ?? ((await once(closed, "error")) as [Error])[0];
    assert.ok(failure instanceof OperatorError);
    assert.match(failure.message, /^cannot reach port 1 of pod ratings in namespace \S+: .*refused.*$/);
    const cannot = { name: "OperatorError", message: /pod nobody/ };
    await assert.rejects(openPort(cluster, namespace, "nobody", 80), cannot);
    await assert.rejects(forwardPort(cluster, namespace, "nobody", 80), cannot);
    await assert.rejects(podLogs(cluster, namespace, "nobody"), {
      name: "OperatorError",
      message: /"nobody" not found/,
    });
    const forwarded = await forwardPort(cluster, namespace, "ratings", 1);
    await assert.rejects(fetch(`http://127.0.0.1:${forwarded.port}/`));
    await until("the reason", () => forwarded.lastFailure);
    assert.match(forwarded.lastFailure!.message, /refused/);
    await forwarded.close();
  });

  await t.test("a log is read to its end, or followed until the stream is destroyed", async () => {
    const log = await podLogs(cluster, namespace, "ratings", "istio-proxy");
    let text = "";
    for await (const piece of log) text += piece;
    assert.match(text, /Envoy proxy is ready/);
    const followed = await podLogs(cluster, namespace, "ratings", "istio-proxy", { follow: true });
    let length = 0;
    followed.on("data", (piece: Buffer) => {
      length += piece.length;
    });
    await until("what was written before", () => length >= text.length);
    followed.destroy();
  });

  await t.test("a sidecar's counts grow with the calls that are made through it", async () => {
    const sent = async () => {
      const hosts = await sidecarHosts(cluster, namespace, "caller");
      const ours = hosts.filter(({ cluster: name }) => name === `outbound|80||ratings.${namespace}.svc.cluster.local`);
      return ours.reduce((sum, { counts }) => sum + counts.get("rq_total")!, 0);
    };
    const before = await sent();
    await apps.send(
      "caller",
      [1, 2, 3].map(() => ({ host: "ratings", headers: {} })),
    );
    assert.equal((await sent()) - before, 3);
    const stats = await sidecarStats(cluster, namespace, "caller", "server.uptime");
    assert.ok(stats.get("server.uptime")! >= 0 && stats.size === 1);
  });
});
