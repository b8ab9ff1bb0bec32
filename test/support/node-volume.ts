import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import { type Cluster, podsOf } from "../../mesh/index.js";
import { newNamespace } from "./cluster.js";
import { runProgram } from "./helm.js";
import { until } from "./until.js";

/** An image that the cluster has, or can get, and that stays when it is told to wait. */
const image = process.env.TAPELOOP_TEST_IMAGE ?? "tapeloop.test/node:20";

/**
 * Makes a PersistentVolume for one claim, where no provisioner would, and gives its storage class. It lies in the empty
 * directory of a pod in a namespace of its own: any user may write there, and the node is left as it was found.
 */
export async function volumeFor(t: TestContext, cluster: Cluster, claim: { namespace: string; name: string }) {
  const namespace = await newNamespace(t, cluster);
  const uid = await diskPod(cluster, namespace);
  const name = `tapeloop-test-${randomBytes(4).toString("hex")}`;
  const path = `/var/lib/kubelet/pods/${uid}/volumes/kubernetes.io~empty-dir/disk`;
  const spec = {
    ...{ capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], persistentVolumeReclaimPolicy: "Retain" },
    ...{ storageClassName: name, claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", ...claim } },
    hostPath: { path, type: "Directory" },
  };
  const volume = { apiVersion: "v1", kind: "PersistentVolume", metadata: { name }, spec };
  const { code, stderr } = await runProgram("kubectl", ["create", "--filename", "-"], JSON.stringify(volume));
  if (code !== 0) throw new Error(stderr);
  t.after(() => runProgram("kubectl", ["delete", "persistentvolume", name, "--wait=false"]));
  return name;
}

/** Starts the pod whose directory it is; gives its uid. */
async function diskPod(cluster: Cluster, namespace: string): Promise<string> {
  const container = {
    ...{ name: "disk", image, imagePullPolicy: "IfNotPresent", command: ["sleep", "infinity"] },
    volumeMounts: [{ name: "disk", mountPath: "/disk" }],
  };
  const pod = await cluster.create({
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "disk", namespace } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [container],
      volumes: [{ name: "disk", emptyDir: {} }],
    },
  });
  const runs = async () => (await podsOf(cluster, namespace, {})).some(({ phase }) => phase === "Running");
  await until("the pod with the disk to run", runs, { withinMs: 60_000 });
  return pod.metadata.uid as string;
}
