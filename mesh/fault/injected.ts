import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { type PodState, podsOf } from "../pods/pods-of.js";
import { sidecarStats } from "../pods/sidecar.js";

/** How often the proxy of one pod has injected faults into what the pod calls, since it began, by kind of fault. */
export interface InjectedFaults {
  pod: string;
  labels: PodState["labels"];
  counts: Readonly<Record<string, number>>;
}

/** So many sidecars are asked at most. */
const mostAsked = 20;

/**
 * Asks the sidecars of a namespace's pods. Those that keep no such counters are not among the answers: Istio has its proxies
 * leave them out unless `proxyStatsMatcher` asks for `.*fault.*`. Nor are those that cannot be asked.
 *
 * @param callers labels of the pods to ask, each set for itself; all pods without any
 */
export async function injectedFaults(
  cluster: Cluster,
  namespace: string,
  callers: readonly Readonly<Record<string, string>>[],
): Promise<InjectedFaults[]> {
  const all = (await known(podsOf(cluster, namespace, {}))) ?? [];
  const asked = all
    .filter(({ hasSidecar, phase }) => hasSidecar && phase === "Running")
    .filter(({ labels }) => callers.length === 0 || callers.some((wanted) => hasLabels(labels, wanted)))
    .slice(0, mostAsked);
  const found = await Promise.all(
    asked.map(async ({ name: pod, labels }) => {
      const counts = countsIn((await known(sidecarStats(cluster, namespace, pod, "http."))) ?? new Map());
      return counts === undefined ? [] : [{ pod, labels, counts }];
    }),
  );
  return found.flat();
}

export function hasLabels(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

/** Envoy's fault filter counts for each listener of its own (`http.PREFIX.fault.aborts_injected`); undefined where none does. */
function countsIn(stats: ReadonlyMap<string, number>): InjectedFaults["counts"] | undefined {
  const sum = (what: string) => {
    const name = new RegExp(`\\.fault\\.${what}_injected$`);
    return [...stats].flatMap(([stat, count]) => (name.test(stat) ? [count] : []));
  };
  const [delays, aborts] = [sum("delays"), sum("aborts")];
  if (delays.length + aborts.length === 0) return undefined;
  const total = (counts: readonly number[]) => counts.reduce((all, one) => all + one, 0);
  return { delay: total(delays), abort: total(aborts) };
}

/** Undefined for what cannot be asked: it may not, or is not there any more. */
async function known<T>(asking: Promise<T>): Promise<T | undefined> {
  return asking.catch((trouble: unknown) => {
    if (trouble instanceof OperatorError) return undefined;
    throw trouble;
  });
}
