import { type Cluster, podsOf } from "../../mesh/index.js";
import { until } from "./until.js";

/** A pod with one container, and the Service before it. */
export interface MeshPod {
  namespace: string;
  name: string;
  image: string;
  args: readonly string[];
  /** Of the Service and of the container; the name tells Istio the protocol. */
  port: { name: string; number: number; targetPort: number };
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Makes both; the namespace's label decides on a sidecar. Runs as a user without rights, with /tmp to write to. */
export async function startMeshPod(cluster: Cluster, pod: MeshPod): Promise<void> {
  const { namespace, name, port, labels = {}, annotations = {} } = pod;
  await cluster.create({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace, labels },
    spec: { selector: { app: name }, ports: [{ name: port.name, port: port.number, targetPort: port.targetPort }] },
  });
  await cluster.create({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { app: name, ...labels }, annotations },
    spec: specOf(pod),
  });
}

function specOf({ image, args, port }: MeshPod): object {
  return {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        ...{ name: "app", image, imagePullPolicy: "IfNotPresent", args },
        ports: [{ containerPort: port.targetPort }],
        env: [{ name: "HOME", value: "/tmp" }],
        resources: { requests: { cpu: "10m", memory: "40Mi" } },
        readinessProbe: { tcpSocket: { port: port.targetPort }, periodSeconds: 1 },
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
      },
    ],
    volumes: [{ name: "tmp", emptyDir: {} }],
  };
}

export async function podsReady(cluster: Cluster, namespace: string, names: readonly string[]): Promise<void> {
  const waiting = async () => {
    const pods = await podsOf(cluster, namespace, {});
    return names.filter((name) => !pods.some((pod) => pod.name === name && pod.isReady));
  };
  await until("all pods to be ready", async () => (await waiting()).length === 0, {
    withinMs: 180_000,
    seen: async () => `not ready: ${(await waiting()).join(", ")}`,
  });
}
