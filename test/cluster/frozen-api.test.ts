import assert from "node:assert/strict";
import { test } from "node:test";
import { mirrorOn, parseRecorder, restore } from "../../mesh/index.js";
import { asBefore, recorderService, service, virtualService } from "../support/cluster.js";
import { newHome } from "../support/command-line.js";
import { freezeAt } from "../support/freeze-at.js";
import { type SpareCluster, startSpareCluster } from "../support/spare-cluster.js";
import { until } from "../support/until.js";

const oneLine = /^tapeloop: [^\n]+\n$/;

/** A namespace with a service that has a VirtualService and one that has none, and a way to say what there is. */
async function shop({ cluster }: SpareCluster) {
  const namespace = "shop";
  const labels = { "tapeloop.io/allow-mirror": "true", "tapeloop.io/allow-faults": "true" };
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } });
  for (const one of ["reviews", "ratings"]) await cluster.create(service(namespace, one));
  await cluster.create(recorderService(namespace));
  await cluster.create(virtualService(namespace, "reviews"));
  const which = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace };
  const now = async () => (await cluster.list(which)).map(asBefore);
  return { namespace, now, before: await now() };
}

const nth = (at: number) => (_call: string, number: number) => number === at;

test("while the API server is frozen every command ends with one line, and restore puts all back when it is thawed", async (t) => {
  const spare = await startSpareCluster(t);
  if (spare === undefined) return;
  const { cluster } = spare;
  const { namespace, now, before } = await shop(spare);
  const to = ["--to", "recorder:8080"];
  const limited = ["-n", namespace, "--request-timeout", "3s"];
  const isOn = () =>
    mirrorOn(cluster, {
      ...{ service: "reviews", namespace, evenIfManaged: false },
      to: parseRecorder("recorder:8080", namespace),
    });
  const commands: { words: string[]; prepare?: () => Promise<unknown>; at?: number[] }[] = [
    { words: ["mirror", "on", "reviews", ...to, ...limited] },
    { words: ["mirror", "on", "ratings", ...to, ...limited], at: [11, 12] },
    { words: ["fault", "on", "reviews", "--abort", "503", "--mark", "deadbeef", ...limited], at: [6, 7, 8, 9] },
    { words: ["restore", ...limited], prepare: isOn },
  ];

  for (const { words, prepare, at: points } of commands) {
    let [frozenAt, isOver] = [0, false];
    for (let at = 1; !isOver; at++) {
      if (points !== undefined && at > points.at(-1)!) break;
      if (points?.includes(at) === false) continue;
      await prepare?.();
      const { child, api, froze, areCallsOut } = await freezeAt(t, spare, { words, home: newHome(t), at: nth(at) });
      isOver = !(await froze);
      const { code } = await child.ended;
      if (!isOver) {
        frozenAt = at;
        assert.equal(code, 2, `frozen at call ${at}: ${child.stdout}`);
        assert.match(child.stderr, oneLine);
        assert.match(child.stderr, /no answer within 3 s/);
      } else assert.equal(code, 0, child.stderr);
      await spare.thaw();
      await restore(cluster, { namespace });
      // Calls that were given up are carried out all the same, now: what is put back has to stay so.
      await until("late calls", () => !areCallsOut(), { withinMs: 60_000 });
      const isBefore = async () => JSON.stringify(await now()) === JSON.stringify(before);
      await until(`all to be as before, frozen at ${api.calls[at - 1]}`, isBefore, { withinMs: 30_000, seen: now });
      await restore(cluster, { namespace });
      assert.deepEqual(await now(), before);
    }
    assert.ok(frozenAt >= (words[0] === "restore" ? 5 : (points?.at(-1) ?? 7)), `${words[0]}: ${frozenAt} calls`);
  }

  // Thawed before anybody lost patience: the command goes on and ends as if nothing had been.
  const patient = ["mirror", "on", "reviews", ...to, "-n", namespace];
  for (const at of [2, 5, 7]) {
    const { child, froze } = await freezeAt(t, spare, { words: patient, home: newHome(t), at: nth(at) });
    assert.equal(await froze, true);
    await spare.thaw();
    assert.deepEqual([(await child.ended).code, child.stderr], [0, ""]);
    assert.equal((await restore(cluster, { namespace })).length, 1);
    assert.deepEqual(await now(), before);
  }

  // Ctrl-C is heard although it would wait for ten minutes.
  const words = [...patient, "--request-timeout", "10m"];
  const { child, froze } = await freezeAt(t, spare, { words, home: newHome(t), at: nth(12) });
  assert.equal(await froze, true);
  assert.equal((await child.end("SIGINT")).code, 130, child.stderr);
  assert.match(child.stderr, oneLine);
  assert.match(child.stderr, new RegExp(`put it back with: tapeloop restore -n ${namespace}`));
  await spare.thaw();
  await restore(cluster, { namespace });
  assert.deepEqual(await now(), before);
});
