import type { ClusterObject } from "../cluster/object.js";
import { workerContainer } from "./job.js";

/** How the pod of a worker is. */
export interface PodHealth {
  /** The worker's container runs. */
  runs: boolean;
  /** It will not run any more, or never. */
  isHopeless: boolean;
  words: string;
}

interface ContainerStatus {
  name: string;
  state?: {
    running?: object;
    waiting?: { reason?: string; message?: string };
    terminated?: { reason?: string; exitCode: number; message?: string };
  };
}

/** What a container waits for in vain. */
const hopeless =
  /^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|CreateContainer(Config)?Error|RunContainerError)$/;

/** Pure. Of a pod that is not there: it is gone, or not made yet. */
export function howPodIs(pod: ClusterObject | undefined): PodHealth {
  if (pod === undefined) return { runs: false, isHopeless: false, words: "its pod is not there" };
  const status = (pod.status ?? {}) as {
    phase?: string;
    reason?: string;
    message?: string;
    containerStatuses?: ContainerStatus[];
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
  const state = status.containerStatuses?.find(({ name }) => name === workerContainer)?.state;
  if (state?.terminated !== undefined) {
    const { reason = "ended", exitCode } = state.terminated;
    return {
      runs: false,
      isHopeless: true,
      words: `its pod ${pod.metadata.name} ended: ${reason}, exit code ${exitCode}`,
    };
  }
  if (status.phase === "Failed") {
    const why = [status.reason, status.message].filter(Boolean).join(": ") || "failed";
    return { runs: false, isHopeless: true, words: `its pod ${pod.metadata.name} ended: ${why}` };
  }
  if (state?.running !== undefined) {
    return { runs: true, isHopeless: false, words: `its pod ${pod.metadata.name} runs` };
  }
  const unschedulable = status.conditions?.find(({ type, status: is }) => type === "PodScheduled" && is === "False");
  const { reason, message } = state?.waiting ?? {};
  const why = [reason ?? unschedulable?.reason, message ?? unschedulable?.message].filter(Boolean).join(": ");
  return {
    ...{ runs: false, isHopeless: hopeless.test(reason ?? "") },
    words: `its pod ${pod.metadata.name} is ${status.phase ?? "new"}${why === "" ? "" : ` (${why})`}`,
  };
}
