import assert from "node:assert/strict";
import { test } from "node:test";
import { runCommandLine } from "../../../cli/run.js";
import { makeChanges } from "../../../mesh/journal/change.js";
import { recorderService, service, virtualService } from "../../support/cluster.js";
import { fakeIo } from "../../support/io.js";
import { serveMemoryCluster } from "../../support/memory-api.js";

const ref = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace: "shop", name: "reviews" };
const on = ["mirror", "on", "reviews", "--to", "recorder.tapeloop:8080", "-n", "shop"];

test("a command says what a dead one has left behind, and puts it back first when it is told to", async (t) => {
  const { cluster, kubeconfig } = await serveMemoryCluster(t);
  const labels = { "tapeloop.io/allow-mirror": "true" };
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  await cluster.create(service("shop", "reviews"));
  await cluster.create(recorderService());
  await cluster.create(virtualService("shop", "reviews"));
  const gateways = async () => ((await cluster.read(ref))!.spec as { gateways?: string[] }).gateways;
  const intent = { kind: "experiment", subject: "reviews", what: "try reviews", namespace: "shop" };
  // A lease that had run out before it began: its command can only be dead.
  await makeChanges(cluster, { ...intent, leaseMs: -1 }, async () => {
    const now = (await cluster.read(ref))!;
    return [{ now, after: { ...now, spec: { ...(now.spec as object), gateways: ["mesh", "left"] } } }];
  });
  const run = async (...words: string[]) => {
    const io = fakeIo();
    const code = await runCommandLine([...words, "--kubeconfig", kubeconfig], io);
    return { code, stderr: io.err() };
  };

  const told = await run(...on);
  assert.equal(told.code, 0);
  assert.match(
    told.stderr,
    /^tapeloop: note: left behind by a command that died: try reviews, by tester at 20.*; put it back with --restore-stale, or with: tapeloop restore -n shop\n$/,
  );
  assert.deepEqual(await gateways(), ["mesh", "left"]);
  assert.equal((await run("mirror", "off", "reviews", "-n", "shop")).code, 0);

  const done = await run(...on, "--restore-stale");
  assert.deepEqual(
    [done.code, done.stderr, await gateways()],
    [
      0,
      "tapeloop: left behind by a command that died: try reviews\nVirtualService shop/reviews: put back, read back and compared: as it was\n",
      undefined,
    ],
  );
  assert.equal((await run("mirror", "off", "reviews", "-n", "shop")).code, 0);
  assert.deepEqual(await run(...on), { code: 0, stderr: "" });
});
