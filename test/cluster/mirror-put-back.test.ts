import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cluster, restore } from "../../mesh/index.js";
import { asBefore, newNamespace, realCluster, service, virtualService } from "../support/cluster.js";
import { newHome } from "../support/command-line.js";
import { killedAfterEachCall } from "../support/killed-after-each-call.js";

/** Everything in a namespace that these commands may change or make. */
async function changeable(cluster: Cluster, namespace: string): Promise<unknown[]> {
  const kinds = [
    ["networking.istio.io/v1", "VirtualService"],
    ["networking.istio.io/v1", "DestinationRule"],
    ["networking.istio.io/v1alpha3", "EnvoyFilter"],
  ] as const;
  const found = await Promise.all(kinds.map(([apiVersion, kind]) => cluster.list({ apiVersion, kind, namespace })));
  return found.flat().map(asBefore);
}

/** `made`: with how many VirtualServices, DestinationRules and EnvoyFilters it ends when nobody kills it. */
const commands: Record<string, { words: string[]; made: number }> = {
  "mirror on --hops": { words: ["--hops", "--to", "recorder:8080", "--sample", "25%"], made: 2 },
  "mirror on --vantage ext-proc": { words: ["reviews", "--vantage", "ext-proc", "--to", "recorder:50051"], made: 3 },
};

for (const [what, { words, made }] of Object.entries(commands)) {
  test(`${what}: killed after any of its API calls, restore puts everything back`, async (t) => {
    const real = await realCluster(t);
    if (real === undefined) return;
    const { cluster, kubeconfig } = real;
    const namespace = await newNamespace(t, cluster);
    for (const one of ["reviews", "ratings"]) await cluster.create(service(namespace, one));
    await cluster.create({
      ...service(namespace, "recorder"),
      spec: {
        selector: { app: "recorder" },
        ports: [
          { name: "http2-copies", port: 8080 },
          { name: "grpc-told", port: 50051 },
        ],
      },
    });
    await cluster.create(virtualService(namespace, "reviews"));
    const before = await changeable(cluster, namespace);
    assert.equal(before.length, 1);
    const patient = ["-n", namespace, "--request-timeout", "2m"];
    const command = { kubeconfig, home: newHome(t), words: ["mirror", "on", ...words, ...patient] };
    const killedAt = await killedAfterEachCall(t, command, async ({ isKilled, code, child, where }) => {
      if (!isKilled) {
        assert.equal(code, 0, child.stderr);
        assert.equal((await changeable(cluster, namespace)).length, made, "it was all done, unkilled");
      }
      await restore(cluster, { namespace });
      assert.deepEqual(await changeable(cluster, namespace), before, where);
      assert.deepEqual(await restore(cluster, { namespace }), [], "the journal is empty");
    });
    // Fewer writes than entries and objects would mean that nothing was changed.
    assert.ok(killedAt >= 10, `killed at ${killedAt} calls`);
  });
}
