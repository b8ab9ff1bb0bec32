import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { parse } from "yaml";
import type { Exchange, RunSummary } from "../../tape/index.js";
import { exchanges, type Ground, prepared, pull, ran, secretOf, succeeded } from "../support/chart-ground.js";
import { chartFolder, type Releases } from "../support/helm.js";
import { simpleServiceImage } from "../support/image.js";
import { volumeFor } from "../support/node-volume.js";
import { projectFolder } from "../support/project.js";
import { tempFolder } from "../support/temp.js";
import { callsInABatch, pageOf, pullTold, toldName, toldOf, untilTold } from "../support/told-chain.js";
import { until } from "../support/until.js";

const tinyPods = { resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "512Mi" } } };
const chain = ["frontend", "reviews", "ratings"] as const;
/** Nobody calls a recorder that is just being ended here. */
const endsAtOnce = { drain: { delaySeconds: 0, timeoutSeconds: 1 } };
/** For a pod whose sidecar is an ordinary container, as older meshes inject it. */
const classicSidecar = { "sidecar.istio.io/nativeSidecar": "false" };

test("the charts, in a real mesh: services, a recorder that is told by mirrors, a tape pulled, replays that end", async (t) => {
  const ground = await prepared(t);
  if (ground === undefined) return;
  const { namespace, releases, image, env } = ground;
  const { ref: _ref, ...repositoryAndTag } = image;
  const { ref: _other, ...services } = await simpleServiceImage();
  const storageClassName = await volumeFor(t, ground.cluster, { namespace, name: toldName });
  await Promise.all([
    releases.install("shop", "simple-service", { image: services, services: servicesWithSeed() }),
    releases.install("recorder", "recorder", {
      ...{ image: repositoryAndTag, ...tinyPods, ...endsAtOnce, clusterName: "test" },
      authorizationPolicy: { writers: { namespaces: [namespace] }, readers: { namespaces: [namespace] } },
    }),
  ]);
  Object.assign(env, await secretOf(releases));
  // With the Secret that the first release has made.
  const told = releases.install("told", "recorder", {
    ...{ image: repositoryAndTag, ...tinyPods, ...endsAtOnce, mode: "ext-proc", ports: { record: 50051 } },
    ...{ secret: { existing: "recorder" }, extraArgs: ["--record-replays"] },
    storage: { kind: "persistentVolumeClaim", size: "1Gi", storageClassName },
  });
  for (const service of chain) {
    await succeeded(ground, ["mirror", "on", service, "--to", `recorder.${namespace}:8080`, "--even-if-managed"]);
  }

  await t.test("helm test passes for services and recorder", async () => {
    const [ofShop, ofRecorder] = await Promise.all([releases.test("shop"), releases.test("recorder")]);
    assert.match(ofShop, /ok: http:\/\/frontend:80\/page\/1/);
    assert.match(ofRecorder, /ok: the recorder to be ready\nok: a call to be taken/);
  });

  await t.test(
    "what helm's test asked is on the tape at every hop, told by Istio's own sidecars under mTLS",
    async (t) => {
      const tape = join(tempFolder(t), "tape");
      await until(
        "a copy at every hop",
        async () => {
          await pull(ground, tape);
          const kept = await exchanges(ground, tape);
          return chain.every((service) => kept.some(({ callee }) => callee === service)) && kept;
        },
        { withinMs: 60_000, seen: () => exchanges(ground, tape) },
      );
      const ids = await exchanges(ground, tape);
      const ratings = ids.find(({ path }) => path === "/ratings/1")!;
      const shown = await succeeded(ground, ["tape", "show", tape, String(ratings.id), "--json"]);
      // The caller's identity, as the recorder's own sidecar saw it in the certificate.
      assert.match(shown, new RegExp(`spiffe://cluster.local/ns/${namespace}/sa/reviews`));
      assert.match(shown, /"cluster": ?"test"/);
      const stats = await succeeded(ground, ["tape", "stats", tape, "--json"]);
      assert.equal((JSON.parse(stats) as { dropped: number }).dropped, 0);
    },
  );

  await t.test("a caller without an identity may read metrics, and neither write nor pull", async () => {
    const ask = (port: number, path: string) =>
      releases
        .kubectl(["get", "--raw", `/api/v1/namespaces/${namespace}/services/http:recorder:${port}/proxy${path}`])
        .catch((refusal: Error) => refusal.message);
    assert.match(await ask(9090, "/metrics"), /tapeloop_recorder_seen_total [1-9]/);
    assert.match(await ask(8080, "/"), /forbidden|403/i);
    assert.match(await ask(9090, "/tape/segments"), /forbidden|403/i);
  });

  await t.test("replay Jobs pull the tape, send through their sidecars, and end with the verdict", async () => {
    const replay = {
      ...{ image: repositoryAndTag, ...tinyPods },
      tape: { pull: ["recorder:9090"], adminTokenSecret: "recorder" },
      ...{ redactionKeySecret: "recorder", target: "http://frontend", baseline: "http://frontend" },
      args: ["--service", "frontend", "--target-is-a-test", "--same-target"],
    };
    await Promise.all([
      releases.install("same", "replay", replay),
      releases.install("classic", "replay", { ...replay, podAnnotations: classicSidecar }),
      releases.install("other", "replay", { ...replay, target: "http://reviews" }),
    ]);
    const ended = Object.fromEntries(
      await Promise.all(
        ["same", "classic", "other"].map(async (name) => [name, await jobEnd(ground, `${name}-replay-1`)]),
      ),
    ) as Record<string, JobEnd>;
    assert.deepEqual(ended.same, { condition: "Complete", exitCode: 0, sidecar: "native", passed: true });
    assert.deepEqual(ended.classic, { condition: "Complete", exitCode: 0, sidecar: "classic", passed: true });
    // reviews knows no /page: the baseline does.
    assert.deepEqual(ended.other, { condition: "Failed", exitCode: 1, sidecar: "native", passed: false });
  });

  await t.test("an upgrade finds key and token again, and uninstalling leaves them", async () => {
    await releases.install("recorder", "recorder", {
      image: repositoryAndTag,
      ...tinyPods,
      ...endsAtOnce,
      tape: { retention: "1d" },
    });
    assert.deepEqual(await secretOf(releases), env);
    await releases.uninstall("recorder");
    assert.deepEqual(await secretOf(releases), env);
  });

  await t.test("what proxies tell a recorder by ext-proc outlasts its pod, on a claim, and is pulled", async (t) => {
    await told;
    await succeeded(ground, ["mirror", "off", "--all"]);
    await succeeded(ground, [
      "mirror",
      "on",
      "--hops",
      "--vantage",
      "ext-proc",
      "--to",
      `${toldName}.${namespace}:50051`,
    ]);
    const batch = await untilTold(t, ground);
    await releases.kubectl(["delete", "pod", "-l", "app.kubernetes.io/instance=told"]);
    await releases.kubectl(["rollout", "status", `deployment/${toldName}`, "--timeout=120s"]);
    const kept = await toldOf(batch, await pullTold(t, ground));
    assert.equal(kept.length, chain.length * callsInABatch);
    const seenAt = kept.map(({ hop, request }) => `${hop} ${request.path.split("/")[1]}`);
    assert.deepEqual(new Set(seenAt), new Set(["frontend page", "reviews reviews", "ratings ratings"]));
    for (const { vantage, request, answer } of kept) {
      assert.deepEqual([vantage, request.end, answer.kind], ["ext-proc", "complete", "response"]);
      assert.ok(answer.kind === "response" && answer.status === 200 && answer.body.kind === "whole");
    }
  });

  await t.test(
    "a change in the middle of a chain is first met there, as recorders in the namespace tell",
    async (t) => {
      await releases.kubectl(["apply", "-f", join(projectFolder, "examples/fence.yaml")]);
      const batch = await untilTold(t, ground);
      const tape = await pullTold(t, ground);
      const [{ request }] = (await toldOf(batch, tape)) as [Exchange];
      const replay = async () => {
        const report = tempFolder(t);
        const which = ["--entry", "--where", `path ^= "/page/${batch}"`, "--map", `${request.authority}=frontend`];
        // kubectl, which called, tells of itself what looks like a session's secret.
        const who = ["--header", "kubectl-session: replayed"];
        const how = [...who, "--hops", "namespace", "--image", image.ref, "--report", report];
        const ended = await ran(ground, ["replay", tape, "-n", namespace, ...which, ...how]);
        if (ended.code !== 0 && ended.code !== 1) throw new Error(ended.out + ended.err);
        const summary = JSON.parse(readFileSync(join(report, "report.json"), "utf8")) as RunSummary;
        const found = summary.divergences.map(({ hop, place, kind, count }) => `${hop} ${place} ${kind}, ${count}`);
        return { ...ended, sent: summary.sent, found };
      };
      const same = await replay();
      assert.deepEqual([same.code, same.sent, same.found], [0, callsInABatch, []], same.out + same.err);

      await sendReviewsTo(releases, "v2");
      const pages = async () => Promise.all(Array.from({ length: callsInABatch }, (_, id) => pageOf(ground, `${id}`)));
      const isSeeded = async () => (await pages()).every((page) => !page.includes('"text"'));
      await until("reviews v2 to answer", isSeeded, { withinMs: 60_000, seen: pages });
      const seeded = await replay();
      assert.deepEqual([seeded.code, seeded.sent], [1, callsInABatch], seeded.out + seeded.err);
      assert.deepEqual(seeded.found, [`reviews body:/text missing-field, ${callsInABatch}`], seeded.out + seeded.err);
      await succeeded(ground, ["mirror", "off", "--all"]);
    },
  );

  await t.test("the sidecar's patch puts a recorder before a service, which keeps both halves", async (t) => {
    const values = {
      image: repositoryAndTag,
      ...tinyPods,
      ...endsAtOnce,
      mode: "sidecar",
      sidecar: { service: "ratings" },
    };
    await releases.install("beside", "recorder", { ...values, secret: { existing: "recorder" } });
    const get = ["get", "configmap", "beside-recorder-sidecar", "-o", "jsonpath={.data.workload\\.yaml}"];
    const patch = await releases.kubectl(get);
    await releases.kubectl(["patch", "deployment", "ratings-v1", "--patch", patch]);
    await releases.kubectl(["rollout", "status", "deployment/ratings-v1", "--timeout=180s"]);
    const toRecorder = { spec: { ports: [{ name: "http", port: 80, targetPort: 15980 }] } };
    await releases.kubectl(["patch", "service", "ratings", "--patch", JSON.stringify(toRecorder)]);
    assert.match(await releases.test("shop"), /ok: http:\/\/ratings:80/);
    const tape = join(tempFolder(t), "tape");
    await until(
      "both halves of a call to ratings",
      async () => {
        await pull(ground, tape, "app=ratings");
        return (await exchanges(ground, tape)).some(({ path, status }) => path === "/ratings/1" && status === 200);
      },
      { withinMs: 60_000, seen: () => exchanges(ground, tape) },
    );
  });
});

interface JobEnd {
  condition: string;
  exitCode: number;
  sidecar: "native" | "classic" | "none";
  passed: boolean;
}

/** How a Job ended, once its pod has ended too, sidecar and all. */
async function jobEnd({ releases }: Ground, job: string): Promise<JobEnd> {
  const json = async <T>(words: readonly string[]) => JSON.parse(await releases.kubectl([...words, "-o", "json"])) as T;
  for (;;) {
    const { status } = await json<{ status: { conditions?: { type: string; status: string }[] } }>(["get", "job", job]);
    const condition = status.conditions?.find(
      ({ type, status }) => /^(Complete|Failed)$/.test(type) && status === "True",
    );
    if (condition === undefined) {
      await delay(500);
      continue;
    }
    const { items } = await json<{ items: JobPod[] }>(["get", "pods", "-l", `job-name=${job}`]);
    const { spec, status: of } = items[0]!;
    const isProxy = ({ name }: { name: string }) => name === "istio-proxy";
    return {
      condition: condition.type,
      exitCode: of.containerStatuses.find(({ name }) => name === "replay")!.state.terminated!.exitCode,
      sidecar: spec.initContainers.some(isProxy) ? "native" : spec.containers.some(isProxy) ? "classic" : "none",
      passed: /^Passed: [1-9]/m.test(await releases.kubectl(["logs", `job/${job}`, "-c", "replay"])),
    };
  }
}

interface JobPod {
  spec: { containers: { name: string }[]; initContainers: { name: string }[] };
  status: { containerStatuses: { name: string; state: { terminated?: { exitCode: number } } }[] };
}

/** The chart's services, but reviews v2, which nobody calls yet, leaves out what v1 says. */
function servicesWithSeed(): object[] {
  const { services } = parse(readFileSync(join(chartFolder("simple-service"), "values.yaml"), "utf8")) as {
    services: { name: string; versions: { name: string; behave: object }[] }[];
  };
  const v2 = services.find(({ name }) => name === "reviews")!.versions.find(({ name }) => name === "v2")!;
  v2.behave = { version: "v2", from: "v1.yaml", changes: [{ route: "GET /reviews/{id}", remove: ["/text"] }] };
  return services;
}

async function sendReviewsTo(releases: Releases, subset: string): Promise<void> {
  const value = [{ destination: { host: "reviews", subset } }];
  const patch = JSON.stringify([{ op: "replace", path: "/spec/http/0/route", value }]);
  await releases.kubectl(["patch", "virtualservice", "reviews", "--type=json", "--patch", patch]);
}
