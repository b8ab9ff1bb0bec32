import type { Cluster, ClusterObject } from "../../mesh/index.js";
import { simpleServiceImage } from "./image.js";
import { type MeshPod, startMeshPod } from "./mesh-pod.js";

/** A path that has each service of a chain call the next: for a, b, c that of a, which calls b, which calls c. */
export function chainPath([first, ...others]: readonly string[]): string {
  if (others.length === 0) return `/echo?from=${first}`;
  return `/downstream?servers=${encodeURIComponent(`${others[0]}${chainPath(others)}`)}`;
}

/** Starts simple-services that know each other by name, with a Service each, in a namespace whose label decides on sidecars. */
export async function startMeshChain(
  cluster: Cluster,
  namespace: string,
  names: readonly string[],
  more: (name: string) => Pick<MeshPod, "labels" | "annotations"> = () => ({}),
): Promise<void> {
  const { ref: image } = await simpleServiceImage();
  for (const name of names) {
    const peers = names.flatMap((peer) => ["--peer", `${peer}=http://${peer}:80`]);
    const args = ["--host", "0.0.0.0", "--port", "8080", "--name", name, ...peers];
    const port = { name: "http", number: 80, targetPort: 8080 };
    await startMeshPod(cluster, { namespace, name, image, args, port, ...more(name) });
  }
}

/** A namespace whose pods get sidecars from now on. */
export async function injectSidecars(cluster: Cluster, namespace: string): Promise<void> {
  const now: ClusterObject = (await cluster.read({ apiVersion: "v1", kind: "Namespace", name: namespace }))!;
  const labels = { ...now.metadata.labels, "istio-injection": "enabled" };
  await cluster.replace({ ...now, metadata: { ...now.metadata, labels } });
}
