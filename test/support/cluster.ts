import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import type { TestContext } from "node:test";
import { type Cluster, type ClusterObject, connectCluster } from "../../mesh/index.js";
import { needs } from "./real-parts.js";

/** The cluster that `KUBECONFIG` names; undefined, and the test skipped, without one. */
export async function realCluster(t: TestContext): Promise<{ cluster: Cluster; kubeconfig: string } | undefined> {
  const kubeconfig = process.env.KUBECONFIG ?? "";
  const isThere = kubeconfig !== "" && existsSync(kubeconfig);
  if (!needs(t, "a Kubernetes cluster with Istio", isThere, "name its kubeconfig in KUBECONFIG")) return undefined;
  return { cluster: await connectCluster({ kubeconfig }), kubeconfig };
}

/** A namespace of the test's own, opened for everything, deleted at its end. */
export async function newNamespace(t: TestContext, cluster: Cluster): Promise<string> {
  const name = `tapeloop-test-${randomBytes(4).toString("hex")}`;
  const labels = {
    "tapeloop.io/allow-mirror": "true",
    "tapeloop.io/allow-faults": "true",
    "tapeloop.io/allow-replay": "true",
  };
  const made = await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  t.after(async () => {
    const now = await cluster.read({ apiVersion: "v1", kind: "Namespace", name });
    await cluster.remove(now ?? made);
  });
  return name;
}

export function service(namespace: string, name: string): ClusterObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
  };
}

/** A recorder's Service, for mirrors to `recorder.tapeloop:8080`, or of a namespace of the test's own. */
export function recorderService(namespace = "tapeloop"): ClusterObject {
  const made = service(namespace, "recorder");
  const ports = [8080, 8081].map((port) => ({ name: `http2-${port}`, port }));
  return { ...made, spec: { selector: { app: "recorder" }, ports } };
}

/** A VirtualService with two routes: one for a user, with a timeout, and one for all others, with retries. */
export function virtualService(
  namespace: string,
  name: string,
  more: Partial<ClusterObject["metadata"]> = {},
): ClusterObject {
  const route = [{ destination: { host: name } }];
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name, namespace, ...more },
    spec: {
      hosts: [name],
      http: [
        { match: [{ headers: { "end-user": { exact: "jason" } } }], route, timeout: "3s" },
        { route, retries: { attempts: 3 } },
      ],
    },
  };
}

/** What has to be as it was: all but what the API server counts for itself, and when a field was last written. */
export function asBefore(object: ClusterObject | undefined): unknown {
  if (object === undefined) return undefined;
  const { resourceVersion: _version, generation: _generation, managedFields = [], ...metadata } = object.metadata;
  const owners = (managedFields as { time?: string }[]).map(({ time: _time, ...owner }) => owner);
  return { ...object, metadata: { ...metadata, managedFields: owners } };
}
