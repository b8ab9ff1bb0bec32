import type { Cluster, ClusterObject } from "../../mesh/index.js";
import { service } from "./cluster.js";
import { until } from "./until.js";

const image = process.env.TAPELOOP_TEST_IMAGE ?? "tapeloop.test/node:20";

/**
 * A Deployment with a Service of its name, running the script that `startMeshApps` has put into the namespace. Ends as a
 * service that was made with care does: on SIGTERM it answers for two seconds more, until no caller's proxy knows it.
 */
export async function startMeshDeployment(
  cluster: Cluster,
  namespace: string,
  name: string,
  replicas: number,
): Promise<{ ref: { apiVersion: string; kind: string; namespace: string; name: string }; pods(): Promise<string[]> }> {
  await cluster.create(service(namespace, name));
  await cluster.create(deploymentOf(namespace, name, replicas));
  const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace, name };
  const ready = async () =>
    ((await cluster.read(ref))?.status as { readyReplicas?: number } | undefined)?.readyReplicas === replicas;
  await until(`Deployment ${name} to be ready`, ready, { withinMs: 240_000 });
  const which = { apiVersion: "v1", kind: "Pod", namespace, labels: `app=${name}` };
  return { ref, pods: async () => (await cluster.list(which)).map(({ metadata }) => metadata.name).sort() };
}

function deploymentOf(namespace: string, name: string, replicas: number): ClusterObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 5,
          containers: [
            {
              ...{ name: "app", image, imagePullPolicy: "IfNotPresent", args: ["/app/server.mjs"] },
              ports: [{ containerPort: 8080 }],
              readinessProbe: { httpGet: { path: "/ready", port: 8080 }, periodSeconds: 1 },
              lifecycle: { preStop: { exec: { command: ["sleep", "2"] } } },
              volumeMounts: [{ name: "app", mountPath: "/app" }],
            },
          ],
          volumes: [{ name: "app", configMap: { name: "app" } }],
        },
      },
    },
  };
}
