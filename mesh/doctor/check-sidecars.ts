import { OperatorError, reasonOf } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { sidecarStats } from "../pods/sidecar.js";
import { hasSidecar, livePods, selects, type Workload } from "../workloads/pod.js";
import { type ExtProcFilter, extProcFilters } from "./ext-proc.js";
import { type Finding, placeOf } from "./finding.js";
import { objectsOf, type Seen } from "./seen.js";
import { unknownFinding } from "./unknown.js";

/** So many sidecars are asked at most; of a Deployment the first ones tell. */
const mostAsked = 20;

/** TL0410: captures that the sidecars which tell a recorder have lost since they began, as their Envoys count it. */
export async function checkSidecars(cluster: Cluster, seen: Seen): Promise<Finding[]> {
  const filters = extProcFilters(seen);
  const pods = livePods(objectsOf(seen, "Pod"))
    .filter((pod) => hasSidecar(pod) && filters.some((filter) => isFor(filter, pod)))
    .slice(0, mostAsked);
  const found = await Promise.all(pods.map((pod) => ofSidecar(cluster, pod, seen.namespace)));
  return found.flat();
}

function isFor({ object }: ExtProcFilter, { labels }: Workload): boolean {
  const { workloadSelector } = object.spec as { workloadSelector?: { labels?: Record<string, string> } };
  return selects({ matchLabels: workloadSelector?.labels ?? {} }, labels);
}

async function ofSidecar(cluster: Cluster, { object }: Workload, namespace: string): Promise<Finding[]> {
  const place = placeOf(object);
  try {
    const http = await sidecarStats(cluster, namespace, object.metadata.name, "http.");
    return lossesIn(http, place);
  } catch (refusal) {
    if (!(refusal instanceof OperatorError)) throw refusal;
    return [unknownFinding("captures that its sidecar has lost", place, reasonOf(refusal))];
  }
}

/** What an Envoy's counters say was lost. Pure. */
export function lossesIn(stats: ReadonlyMap<string, number>, place: Finding["place"]): Finding[] {
  const told = [...stats].filter(([name]) => name.includes(".ext_proc."));
  if (told.length === 0) {
    const why =
      "Istio has its proxy keep no ext_proc counters (annotate the pod: proxyStatsMatcher with inclusionRegexps .*ext_proc.*)";
    return [unknownFinding("captures that its sidecar has lost", place, why)];
  }
  const lost = told
    .filter(([name]) => /\.(?:failure_mode_allowed|streams_failed)$/.test(name))
    .reduce((sum, [, count]) => Math.max(sum, count), 0);
  if (lost === 0) return [];
  return [
    {
      ...{ id: "TL0410", severity: "warning", place },
      seen: `its sidecar could not tell the recorder of ${lost} call${lost === 1 ? "" : "s"} since it began`,
      fix: "look at what stands between them (TL0401, TL0406, TL0407, TL0408), and at the recorder's own ledger (tapeloop tape stats)",
    },
  ];
}
