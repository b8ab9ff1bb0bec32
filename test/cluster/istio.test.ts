import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { faultOff, faultOn, mirrorOff, mirrorOn, parseRecorder } from "../../mesh/index.js";
import { comparableRequestId } from "../../tape/index.js";
import { typedFault } from "../../virtual-service/index.js";
import { newNamespace, realCluster } from "../support/cluster.js";
import { startMeshApps } from "../support/mesh-apps.js";
import { until } from "../support/until.js";

const mark = "deadbeef";
const markedId = () => mark + randomUUID().slice(8);
/** Never begins with the mark. */
const plainId = () => `0${randomUUID().slice(1)}`;

test("in a real mesh a fault meets exactly the marked requests, and mirrors and faults come and go under load unnoticed", async (t) => {
  const real = await realCluster(t);
  if (real === undefined) return;
  const { cluster, kubeconfig } = real;
  const namespace = await newNamespace(t, cluster);
  const apps = await startMeshApps(cluster, kubeconfig, namespace, ["caller", "ratings", "recorder"]);
  const to = (headers: Record<string, string>) => ({ host: "ratings", headers });
  const firstStatus = async (headers: Record<string, string>) => (await apps.send("caller", [to(headers)]))[0];
  await until("calls to pass", async () => (await firstStatus({})) === 200, { withinMs: 60_000 });
  await apps.startLoad("caller", "ratings");

  const wish = { service: "ratings", namespace, evenIfManaged: false };
  const fault = { name: "down", faults: [typedFault("abort", "503")!], mark, percent: 100 };
  await faultOn(cluster, { ...wish, ...fault });
  await until("the fault to be on", async () => (await firstStatus({ "x-request-id": markedId() })) === 503, {
    withinMs: 60_000,
  });
  const requests = Array.from(
    { length: 600 },
    (_, at) =>
      [
        to({ "x-request-id": markedId() }),
        to({ baggage: "user=1,tapeloop.fault=down" }),
        to({ "x-request-id": plainId(), baggage: "tapeloop.fault=downtown" }),
      ].at(at % 3)!,
  );
  const statuses = await apps.send("caller", requests);
  const by = (kind: number) => statuses.filter((_, at) => at % 3 === kind);
  assert.deepEqual([...new Set(by(0)), ...new Set(by(1)), ...new Set(by(2))], [503, 503, 200]);

  await mirrorOn(cluster, { ...wish, to: parseRecorder("recorder:80", namespace) });
  const copies = async (count: number): Promise<number> => {
    const ids = Array.from({ length: count }, plainId);
    const requests = ids.map((id) => to({ "x-request-id": id }));
    assert.deepEqual(new Set(await apps.send("caller", requests)), new Set([200]));
    const wanted = ids.map(comparableRequestId);
    const arrived = async () => {
      const seen = new Set((await apps.seen("recorder")).map(comparableRequestId));
      return wanted.filter((id) => seen.has(id)).length;
    };
    return until("copies to arrive", async () => (await arrived()) === count && count, { withinMs: 5_000 }).catch(
      arrived,
    );
  };
  // Each of the caller's proxy's threads hears of the change for itself.
  await until("every thread to copy", async () => (await copies(20)) === 20, { withinMs: 60_000 });
  assert.equal(await copies(200), 200);

  await mirrorOff(cluster, namespace, "ratings");
  await faultOff(cluster, namespace, "ratings");
  await until("the fault to be off", async () => (await firstStatus({ "x-request-id": markedId() })) === 200, {
    withinMs: 60_000,
  });
  const { sent, wrong } = await apps.stopLoad("caller");
  assert.deepEqual(wrong, []);
  assert.ok(sent > 100, `${sent} calls of load`);
  assert.deepEqual(await cluster.list({ apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace }), []);
});
