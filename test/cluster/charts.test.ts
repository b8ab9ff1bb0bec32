import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { runCommandLine } from "../../cli/run.js";
import { type Cluster, forwardPort, podsOf } from "../../mesh/index.js";
import { newNamespace, realCluster } from "../support/cluster.js";
import { hasHelm, type Releases, releasesIn } from "../support/helm.js";
import { canMakeImages, type Image, simpleServiceImage, tapeloopImage } from "../support/image.js";
import { fakeIo } from "../support/io.js";
import { needs } from "../support/real-parts.js";
import { tempFolder } from "../support/temp.js";
import { until } from "../support/until.js";

interface Ground {
  cluster: Cluster;
  kubeconfig: string;
  namespace: string;
  releases: Releases;
  /** As `image` of the charts. */
  image: Image;
  /** With the recorder's Secret, as its user has them. */
  env: Record<string, string>;
}

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
  await Promise.all([
    releases.install("shop", "simple-service", { image: services }),
    releases.install("recorder", "recorder", {
      ...{ image: repositoryAndTag, ...tinyPods, ...endsAtOnce, clusterName: "test" },
      authorizationPolicy: { writers: { namespaces: [namespace] }, readers: { namespaces: [namespace] } },
    }),
  ]);
  Object.assign(env, await secretOf(releases));
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

/** Undefined, and the test skipped, where there is no cluster, helm or way to bring images. */
async function prepared(t: TestContext): Promise<Ground | undefined> {
  if (!hasHelm(t)) return undefined;
  const real = realCluster(t);
  if (real === undefined) return undefined;
  if (!needs(t, "a way to bring images into the cluster", canMakeImages(), "name one in TAPELOOP_IMAGE"))
    return undefined;
  const namespace = await newNamespace(t, real.cluster);
  const image = await tapeloopImage();
  return { ...real, namespace, image, releases: releasesIn(namespace), env: {} };
}

async function secretOf(releases: Releases): Promise<Record<string, string>> {
  const text = await releases.kubectl(["get", "secret", "recorder", "-o", "json"]);
  const { data } = JSON.parse(text) as { data: Record<string, string> };
  const plain = (key: string) => Buffer.from(data[key]!, "base64").toString();
  return { TAPELOOP_ADMIN_TOKEN: plain("admin-token"), TAPELOOP_REDACTION_KEY: plain("redaction-key") };
}

/** Runs a command line in this process, in the namespace where it takes one; gives stdout. */
async function succeeded({ kubeconfig, namespace, env }: Ground, words: readonly string[]): Promise<string> {
  const io = fakeIo({ env: { ...env, KUBECONFIG: kubeconfig } });
  const here = words[0] === "mirror" ? ["-n", namespace] : [];
  const code = await runCommandLine([...words, ...here], io);
  assert.equal(code, 0, `tapeloop ${words.join(" ")}: ${io.err()}`);
  return io.out();
}

async function pull(ground: Ground, tape: string, labels: string = recorderLabels): Promise<void> {
  const [pod] = await podsOf(ground.cluster, ground.namespace, { labels });
  const { port, close } = await forwardPort(ground.cluster, ground.namespace, pod!.name, 9090);
  try {
    await succeeded(ground, ["tape", "pull", `127.0.0.1:${port}`, "--tape", tape, "--seal"]);
  } finally {
    await close();
  }
}

const recorderLabels = "app.kubernetes.io/name=recorder,app.kubernetes.io/instance=recorder";

interface Listed {
  id: number;
  callee: string;
  path: string;
  status?: number;
}

async function exchanges(ground: Ground, tape: string): Promise<Listed[]> {
  const text = await succeeded(ground, ["tape", "ls", tape, "--json"]);
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Listed);
}

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
