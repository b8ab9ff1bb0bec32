import type { ClusterObject } from "../cluster/object.js";

/** What a replay in a namespace is made of. */
export interface WorkerChoice {
  namespace: string;
  /** Id of the run: in the names. */
  run: string;
  /** Image that runs `tapeloop`. */
  image: string;
  /** The pod's resources and the like come from the namespace's own defaults where they are not said. */
  limits?: Readonly<Record<string, string>>;
}

/** Where the worker listens, on its pod's loopback alone: no port of the pod's own address leads there. */
export const workerPort = 18_890;
/** Name of the container. */
export const workerContainer = "replay";
/** After this a worker is ended by the cluster, whatever became of who started it. */
const mostSeconds = 24 * 3600;
/** So long a Job that is over stays to be looked at, where nobody is left to delete it. */
const keptSeconds = 600;

export function workerName(run: string): string {
  return `tapeloop-replay-${run}`;
}

/**
 * The objects of a replay that is sent from inside: a Service that selects the pod, since Istio may not apply rules by
 * `sourceLabels` to pods behind none (istio #14367), and the Job. Pure.
 */
export function workerObjects(choice: WorkerChoice): ClusterObject[] {
  const metadata = { name: workerName(choice.run), namespace: choice.namespace, labels: labelsOf(choice) };
  return [
    {
      ...{ apiVersion: "v1", kind: "Service", metadata },
      // Nothing listens there: a Service of no port is none to Istio.
      spec: { clusterIP: "None", selector: selectorOf(choice), ports: [{ name: "http-none", port: 8080 }] },
    },
    {
      ...{ apiVersion: "batch/v1", kind: "Job", metadata },
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: mostSeconds,
        ttlSecondsAfterFinished: keptSeconds,
        template: { metadata: { labels: labelsOf(choice), annotations: annotations }, spec: podSpec(choice) },
      },
    },
  ];
}

function selectorOf({ run }: WorkerChoice): Record<string, string> {
  return { "app.kubernetes.io/name": "tapeloop-replay", "app.kubernetes.io/instance": run };
}

function labelsOf(choice: WorkerChoice): Record<string, string> {
  return {
    ...selectorOf(choice),
    app: "tapeloop-replay",
    "app.kubernetes.io/managed-by": "tapeloop",
    // Faults are injected by the caller's proxy, so the worker needs one.
    "sidecar.istio.io/inject": "true",
  };
}

/** The first request must find the proxy there. */
const annotations = { "proxy.istio.io/config": "holdApplicationUntilProxyStarts: true" };

function podSpec({ image, limits }: WorkerChoice): object {
  return {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 5,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: workerContainer,
        ...{ image, imagePullPolicy: "IfNotPresent" },
        args: ["worker", "--port", String(workerPort), "--folder", "/work", "--secrets", "/secrets"],
        securityContext: {
          ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
          ...{ runAsUser: 65_532, runAsGroup: 65_532, capabilities: { drop: ["ALL"] } },
        },
        resources: { requests: { cpu: "100m", memory: "128Mi" }, ...(limits === undefined ? {} : { limits }) },
        volumeMounts: [
          { name: "work", mountPath: "/work" },
          { name: "secrets", mountPath: "/secrets" },
        ],
      },
    ],
    volumes: [
      { name: "work", emptyDir: {} },
      // In memory: files of rules may hold secrets.
      { name: "secrets", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
    ],
  };
}
