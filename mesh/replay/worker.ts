import { setTimeout as delay } from "node:timers/promises";
import { Interrupted, OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import type { ClusterObject } from "../cluster/object.js";
import { makeChanges } from "../journal/change.js";
import { defaultLeaseMs, holdLease } from "../journal/lease.js";
import { type PutBack, putBackEntry } from "../journal/put-back.js";
import { requirePermit } from "../permits.js";
import { type ForwardedPort, forwardPort } from "../pods/port.js";
import { type WorkerChoice, workerName, workerObjects, workerPort } from "./job.js";
import { howPodIs } from "./pod-trouble.js";

/** A pod that sends a tape, and the way to it. */
export interface StartedWorker {
  pod: string;
  /** On this machine's loopback: leads to the worker. */
  port: number;
  /** Aborted, with a sentence as its reason, when somebody else has put the Job back. */
  readonly lost: AbortSignal;
  /** What became of the pod, in words: for when it does not answer any more. */
  fate(): Promise<string>;
  /** Deletes Job, pod and Service. Safe to call twice. */
  end(): Promise<readonly PutBack[]>;
}

/** Kind of the journal's entries of replays. */
const replayKind = "replay";
/** A pod that does not run within this will not; images are pulled in it. */
const startMs = 300_000;
const betweenLooksMs = 300;

/** Starts a worker in a namespace, written to the journal first. Throws an OperatorError, and leaves nothing behind, when it does not start. */
export async function startWorker(cluster: Cluster, choice: WorkerChoice): Promise<StartedWorker> {
  const { namespace, run } = choice;
  await requirePermit(cluster, namespace, "replay");
  const intent = {
    ...{ kind: replayKind, subject: run, namespace, leaseMs: defaultLeaseMs },
    what: `replay ${run} from a Job in ${namespace}`,
  };
  const filed = (await makeChanges(cluster, intent, async () => workerObjects(choice).map((after) => ({ after }))))!;
  const lease = holdLease(cluster, filed, { leaseMs: defaultLeaseMs });
  let forwarded: ForwardedPort | undefined;
  let ended: Promise<readonly PutBack[]> | undefined;
  const end = async () => {
    await forwarded?.close();
    await lease.release();
    return putBackEntry(cluster, filed);
  };
  try {
    const pod = await runningPod(cluster, choice, lease.lost);
    forwarded = await forwardPort(cluster, namespace, pod, workerPort);
    return {
      ...{ pod, port: forwarded.port, lost: lease.lost },
      fate: async () => howPodIs(await cluster.read({ apiVersion: "v1", kind: "Pod", namespace, name: pod })).words,
      end: () => {
        ended ??= end();
        return ended;
      },
    };
  } catch (trouble) {
    await end();
    throw trouble;
  }
}

async function runningPod(
  cluster: Cluster,
  { namespace, run, image }: WorkerChoice,
  lost: AbortSignal,
): Promise<string> {
  const labels = `job-name=${workerName(run)}`;
  const giveUpAt = Date.now() + startMs;
  for (;;) {
    if (cluster.signal?.aborted) throw new Interrupted("interrupted before anything was sent");
    if (lost.aborted) throw new OperatorError(`the replay did not start: ${lost.reason}`);
    const [pod] = await inOneLine(`list the pods of namespace ${namespace}`, () =>
      cluster.list({ apiVersion: "v1", kind: "Pod", namespace, labels }),
    );
    const { runs, isHopeless, words } = howPodIs(pod);
    if (runs) return pod!.metadata.name;
    if (isHopeless || Date.now() > giveUpAt) {
      throw new OperatorError(
        `the pod that was to send does not start in namespace ${namespace}: ${pod === undefined ? await whyNoPod(cluster, namespace, run) : words}; its image is ${image}: give another with --image, or send from this machine with --from local`,
      );
    }
    await delay(betweenLooksMs, undefined, { signal: cluster.signal }).catch(() => {});
  }
}

/** The Job's own words on it, where it has some: quotas and pod security refuse pods, and only it is told. */
async function whyNoPod(cluster: Cluster, namespace: string, run: string): Promise<string> {
  const job: ClusterObject | undefined = await cluster.read({
    ...{ apiVersion: "batch/v1", kind: "Job", namespace, name: workerName(run) },
  });
  const { conditions = [] } = (job?.status ?? {}) as { conditions?: { message?: string }[] };
  const said = conditions.flatMap(({ message }) => message ?? []).join("; ");
  return said || `no pod was made; see: kubectl describe job ${workerName(run)} -n ${namespace}`;
}
