import type { Clock } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";

/** What a task of chaos may use. */
export interface ChaosEnv {
  cluster: Cluster;
  clock: Pick<Clock, "now" | "sleepUntil">;
  /** Aborted when nothing more is to be begun, and what is done is to be put back. */
  signal: AbortSignal;
}

/** How tasks are done. */
export interface TaskChoice {
  namespace: string;
  /** For so long an authorization policy stays. */
  holdMs: number;
  /** Which policy: one that refuses nobody, or one that lets everybody in. */
  policy: "deny-nothing" | "allow-everything";
  /** So long a Deployment may take to roll out. */
  rolloutMs: number;
  /** Restart what Argo CD, Flux or Helm manages, too. */
  evenIfManaged: boolean;
}

/** What it is done to: `name` is how a person calls it. */
export interface ChaosTarget {
  name: string;
  /** Labels of its pods. */
  labels: Record<string, string>;
}

/** Something done to a mesh that must change nothing for those who call its services. One file a kind. */
export interface ChaosKind {
  /** "restart of reviews". */
  inWords(target: ChaosTarget): string;
  /** All it can be done to: of a service, or of the namespace. Throws an OperatorError for a service that is not there. */
  targets(cluster: Cluster, namespace: string, service?: string): Promise<ChaosTarget[]>;
  /**
   * Does it, and puts back what it has changed, whatever happens; everything goes through the journal. Gives what is to be
   * known of it, as a phrase. Throws an OperatorError when it did not come to its end.
   */
  run(target: ChaosTarget, choice: TaskChoice, env: ChaosEnv): Promise<string>;
}
