import https from "node:https";
import { KubeConfig } from "@kubernetes/client-node";
import type { Cluster, ClusterObject } from "../../mesh/index.js";
import { service } from "./cluster.js";
import { until } from "./until.js";

/** An image with Node 20 that the cluster has, or can get. */
const image = process.env.TAPELOOP_TEST_IMAGE ?? "tapeloop.test/node:20";

/**
 * What each pod runs. On 8080 a service: answers 200 and notes x-request-ids. On 9000, beside the sidecar: `/seen` gives
 * the notes; `/send` sends the requests of its body one by one to their hosts and gives their statuses; `/load?host=H` sends
 * one after the other until `/stop`, which gives how many were sent and which did not answer 200.
 */
const script = `
import http from "node:http";
const seen = [];
http.createServer({ keepAliveTimeout: 0 }, (request, response) => { seen.push(request.headers["x-request-id"] ?? ""); response.end("ok"); }).listen(8080);
const call = (host, headers, path = "/") => new Promise((resolve) => {
  const asked = http.get({ host, port: 80, path, headers }, (answer) => { answer.resume(); answer.on("end", () => resolve(answer.statusCode)); });
  asked.on("error", (error) => resolve(error.message));
});
let loading; const stats = { sent: 0, wrong: [] };
const load = async (host) => { while (loading) { const status = await call(host, {}); stats.sent++; if (status !== 200) stats.wrong.push(status); await new Promise((r) => setTimeout(r, 5)); } };
http.createServer((request, response) => {
  const url = new URL(request.url, "http://a");
  let body = "";
  request.on("data", (piece) => { body += piece; });
  request.on("end", async () => {
    const say = (value) => response.end(JSON.stringify(value));
    if (url.pathname === "/seen") return say(seen);
    if (url.pathname === "/load") { loading = load.call((loading = true), url.searchParams.get("host")); return say("on"); }
    if (url.pathname === "/stop") { const over = loading; loading = undefined; await over; return say(stats); }
    const statuses = [];
    for (const { host, headers, path } of JSON.parse(body)) statuses.push(await call(host, headers, path));
    say(statuses);
  });
}).listen(9000);
process.on("SIGTERM", () => process.exit(0));
`;

/** Pods of a service mesh that a test speaks to through the API server. */
export interface MeshApps {
  /** Statuses, or errors in words, in order. */
  send(
    pod: string,
    requests: readonly { host: string; headers: Record<string, string>; path?: string }[],
  ): Promise<(number | string)[]>;
  /** The x-request-ids that have reached its service. */
  seen(pod: string): Promise<string[]>;
  startLoad(pod: string, host: string): Promise<void>;
  stopLoad(pod: string): Promise<{ sent: number; wrong: unknown[] }>;
}

/** Starts a pod with a sidecar, and a Service, for each name, in a namespace of the test's own; waits until each reaches the others. */
export async function startMeshApps(
  cluster: Cluster,
  kubeconfig: string,
  namespace: string,
  names: readonly string[],
): Promise<MeshApps> {
  const ref = { apiVersion: "v1", kind: "Namespace", name: namespace };
  const home = (await cluster.read(ref))!;
  const labels = { ...home.metadata.labels, "istio-injection": "enabled" };
  await cluster.replace({ ...home, metadata: { ...home.metadata, labels } });
  const metadata = { name: "app", namespace };
  await cluster.create({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { "server.mjs": script } });
  for (const name of names) {
    await cluster.create(service(namespace, name));
    await cluster.create(podOf(namespace, name));
  }
  for (const name of names) {
    const pod = { apiVersion: "v1", kind: "Pod", namespace, name };
    await until(`pod ${name} to be ready`, async () => isReady(await cluster.read(pod)), { withinMs: 180_000 });
  }
  const ask = asker(kubeconfig, namespace);
  const send: MeshApps["send"] = (pod, requests) => ask(pod, "/send", requests);
  // A pod is ready before the proxies of the others, and the node, know the way to it.
  for (const name of names) {
    const others = names.filter((other) => other !== name).map((host) => ({ host, headers: {} }));
    const reached = async () => (await send(name, others)).every((status) => status === 200);
    await until(`the others to be reached from ${name}`, reached, { withinMs: 90_000, seen: () => send(name, others) });
  }
  return {
    send,
    seen: (pod) => ask(pod, "/seen"),
    startLoad: async (pod, host) => void (await ask(pod, `/load?host=${host}`)),
    stopLoad: (pod) => ask(pod, "/stop"),
  };
}

function podOf(namespace: string, name: string): ClusterObject {
  const annotations = { "traffic.sidecar.istio.io/excludeInboundPorts": "9000" };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { app: name }, annotations },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          ...{ name: "app", image, imagePullPolicy: "IfNotPresent", args: ["/app/server.mjs"] },
          ports: [{ containerPort: 8080 }, { containerPort: 9000 }],
          readinessProbe: { httpGet: { path: "/ready", port: 8080 }, periodSeconds: 1 },
          volumeMounts: [{ name: "app", mountPath: "/app" }],
        },
      ],
      volumes: [{ name: "app", configMap: { name: "app" } }],
    },
  };
}

function isReady(pod: ClusterObject | undefined): boolean {
  const { conditions = [] } = (pod?.status ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

/** Requests to a pod's port 9000 through the API server. */
function asker(kubeconfig: string, namespace: string) {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const server = new URL(config.getCurrentCluster()!.server);
  return async <T>(pod: string, path: string, body?: unknown): Promise<T> => {
    const signed: https.RequestOptions = { method: body === undefined ? "GET" : "POST" };
    await config.applyToHTTPSOptions(signed);
    const url = new URL(`/api/v1/namespaces/${namespace}/pods/${pod}:9000/proxy${path}`, server);
    return new Promise<T>((resolve, reject) => {
      const asked = https.request(url, signed, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (piece: string) => {
          text += piece;
        });
        answer.on("end", () =>
          answer.statusCode === 200
            ? resolve(JSON.parse(text) as T)
            : reject(new Error(`${answer.statusCode}: ${text}`)),
        );
      });
      asked.on("error", reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  };
}
