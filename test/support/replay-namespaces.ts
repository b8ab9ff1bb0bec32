import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Cluster, type ClusterObject, forwardPort, podsOf } from "../../mesh/index.js";
import { newNamespace } from "./cluster.js";
import { type Home, tapeloop } from "./command-line.js";
import type { Image } from "./image.js";
import { projectFolder } from "./project.js";
import { startRecorderProcess } from "./recorder-process.js";
import { tempFolder } from "./temp.js";
import { until } from "./until.js";

/** A file of `examples/bookinfo-like/`. */
const example = (name: string) => readFileSync(join(projectFolder, "examples/bookinfo-like", name), "utf8");

/** A namespace with reviews and the ratings it asks, behind sidecars that let nothing out to where replays are not open. */
export interface ShopNamespace {
  name: string;
  /** Waits until reviews and ratings take calls. */
  ready(): Promise<void>;
}

export interface ShopChoice {
  /** Which of the example's versions of reviews. */
  reviews: "v3" | "v4";
  image: Image;
  /** Stands in front of ratings as a recorder, with this image. */
  recorder?: Image;
  /** Namespaces that may be called, beside its own. */
  opens?: readonly string[];
  fenced?: boolean;
}

/** Begins a namespace; it goes when the test ends. */
export async function startShop(t: TestContext, cluster: Cluster, choice: ShopChoice): Promise<ShopNamespace> {
  const name = await newNamespace(t, cluster);
  const home = (await cluster.read({ apiVersion: "v1", kind: "Namespace", name }))!;
  const labels = { ...home.metadata.labels, "istio-injection": "enabled" };
  await cluster.replace({ ...home, metadata: { ...home.metadata, labels } });
  if (choice.fenced !== false) await cluster.create(fence(name, choice.opens ?? []));
  await cluster.create(behaviour(name, choice));
  for (const service of ["reviews", "ratings"]) {
    await cluster.create(serviceOf(name, service));
    await cluster.create(podOf(name, service, choice));
  }
  return {
    name,
    ready: async () => {
      for (const pod of ["reviews", "ratings"]) await readyPod(cluster, name, pod);
    },
  };
}

async function readyPod(cluster: Cluster, namespace: string, app: string): Promise<void> {
  const look = async () => (await podsOf(cluster, namespace, { service: app }))[0];
  await until(`pod ${app} to be ready`, async () => (await look())?.isReady, { withinMs: 180_000, seen: look });
}

function fence(namespace: string, opens: readonly string[]): ClusterObject {
  const hosts = ["./*", "istio-system/*", ...opens.map((one) => `${one}/*`)];
  return {
    ...{ apiVersion: "networking.istio.io/v1", kind: "Sidecar", metadata: { name: "default", namespace } },
    spec: { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" }, egress: [{ hosts }] },
  };
}

function behaviour(namespace: string, { reviews }: ShopChoice): ClusterObject {
  const data = {
    "ratings.yaml": example("ratings.yaml"),
    "reviews-v3.yaml": example("reviews-v3.yaml"),
    "reviews.yaml": example(`reviews-${reviews}.yaml`),
  };
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "behaviour", namespace }, data };
}

function serviceOf(namespace: string, name: string): ClusterObject {
  return {
    ...{ apiVersion: "v1", kind: "Service", metadata: { name, namespace } },
    spec: { selector: { app: name }, ports: [{ name: "http", port: 9080, targetPort: "web" }] },
  };
}

function podOf(namespace: string, app: string, { image, recorder }: ShopChoice): ClusterObject {
  const isRecorded = app === "ratings" && recorder !== undefined;
  const listen = isRecorded ? 8081 : 8080;
  const words = ["--host", isRecorded ? "127.0.0.1" : "0.0.0.0", "--port", String(listen), "--name", app];
  const container = {
    ...{ name: app, image: image.ref, imagePullPolicy: "IfNotPresent" },
    args: [...words, "--behave", `/behaviour/${app}.yaml`, "--peer", "ratings=http://ratings:9080"],
    volumeMounts: [{ name: "behaviour", mountPath: "/behaviour" }],
    ...(isRecorded ? {} : web),
  };
  const containers = isRecorded ? [container, recorderOf(app, recorder)] : [container];
  const labels = { app, ...(isRecorded ? { "app.kubernetes.io/name": "tapeloop-recorder" } : {}) };
  return {
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name: app, namespace, labels } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers,
      volumes: [
        { name: "behaviour", configMap: { name: "behaviour" } },
        { name: "tape", emptyDir: {} },
      ],
    },
  };
}

const web = {
  ports: [{ name: "web", containerPort: 8080 }],
  readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
};

/** The key is the test's own: the tape it records with is made with the same. */
function recorderOf(app: string, image: Image): object {
  const mode = ["--mode", "inbound", "--service", app, "--upstream", "http://127.0.0.1:8081", "--record-replays"];
  const doors = ["--listen", "0.0.0.0:8080", "--admin", "127.0.0.1:9090", "--tape", "/tape/"];
  return {
    ...{ name: "recorder", image: image.ref, imagePullPolicy: "IfNotPresent", args: ["record", ...doors, ...mode] },
    env: [{ name: "TAPELOOP_REDACTION_KEY", value: shopKey }],
    securityContext: { runAsUser: 0 },
    ports: [...web.ports, { name: "admin", containerPort: 9090 }],
    readinessProbe: web.readinessProbe,
    volumeMounts: [{ name: "tape", mountPath: "/tape" }],
  };
}

/** Of no use but here. */
export const shopKey = "5eed".repeat(16);

/** Records calls to reviews of a namespace, as they would be seen before it: each product once. Gives the tape. */
export async function recordShop(
  t: TestContext,
  cluster: Cluster,
  home: Home,
  { namespace, calls, authority }: { namespace: string; calls: number; authority: string },
): Promise<string> {
  const way = await forwardPort(cluster, namespace, "reviews", 8080);
  const tape = `${join(tempFolder(t), "tape")}/`;
  const upstream = `http://127.0.0.1:${way.port}`;
  const more = ["--mode", "inbound", "--service", "reviews", "--upstream", upstream];
  const recorder = await startRecorderProcess(t, home, { tape, more });
  for (let id = 1; id <= calls; id++) await get(recorder.port, `/reviews/${id}`, authority);
  await recorder.stop();
  await way.close();
  const { code, stderr } = await tapeloop(t, home, ["tape", "stats", tape]);
  if (code !== 0) throw new Error(stderr);
  return tape;
}

async function get(port: number, path: string, host: string): Promise<void> {
  const { request } = await import("node:http");
  await new Promise<void>((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, headers: { host } }, (answer) => {
      answer.resume();
      answer.on("end", () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`recording got ${answer.statusCode}`)),
      );
    });
    asked.on("error", reject);
    asked.end();
  });
}
