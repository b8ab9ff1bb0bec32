import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Cluster, forwardPort } from "../../mesh/index.js";
import { pullSegments } from "../../recorder/index.js";
import { type Exchange, openTape } from "../../tape/index.js";
import { allOf } from "./captured.js";
import { tapeloopImage } from "./image.js";
import { startMeshPod } from "./mesh-pod.js";
import { tempFolder } from "./temp.js";

/** A recorder that runs in the cluster. */
export interface MeshRecorder {
  /** `NAME.NAMESPACE:PORT`, as `--to` takes it. */
  to: string;
  name: string;
  /** All that is on its tape by now, pulled. */
  exchanges(): Promise<Exchange[]>;
}

const ports = {
  mirror: { name: "http2-copies", number: 8080, targetPort: 8080 },
  "ext-proc": { name: "grpc-told", number: 50051, targetPort: 50051 },
};

/** Starts a pod with a recorder and its Service, named after its mode. Its tape is on a volume that goes with the pod. */
export async function startMeshRecorder(
  t: TestContext,
  cluster: Cluster,
  namespace: string,
  mode: keyof typeof ports,
): Promise<MeshRecorder> {
  const name = `recorder-${mode}`;
  const port = ports[mode];
  const { ref: image } = await tapeloopImage();
  const args = ["record", "--mode", mode, "--listen", `0.0.0.0:${port.targetPort}`, "--tape", "/tmp/tape/"];
  const labels = { "app.kubernetes.io/part-of": "tapeloop" };
  await startMeshPod(cluster, { namespace, name, image, port, labels, args: [...args, "--admin", "127.0.0.1:9090"] });
  const folder = join(tempFolder(t), mode);
  return {
    to: `${name}.${namespace}:${port.number}`,
    name,
    async exchanges() {
      const admin = await forwardPort(cluster, namespace, name, 9090);
      try {
        await pullSegments({ address: `127.0.0.1:${admin.port}`, folder, seal: true });
      } finally {
        await admin.close();
      }
      return readAll(folder);
    },
  };
}

async function readAll(folder: string): Promise<Exchange[]> {
  const tape = await openTape([folder]);
  try {
    return await allOf(tape.read());
  } finally {
    await tape.close();
  }
}
