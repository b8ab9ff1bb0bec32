import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { podPage } from "../pods/page.js";
import { podsOf } from "../pods/pods-of.js";
import type { RouteDestination } from "../routes/virtual-service.js";

/** Names of a recorder's container port for its admin pages in our chart (alone, and beside a service), and its number in the docs. */
const adminNames: ReadonlySet<string | undefined> = new Set(["admin", "tapeloop-admin"]);
const usualAdminPort = 9090;

/**
 * How many calls have reached a recorder, by its own count (`/metrics` of its admin port); undefined where that cannot be known:
 * we may not reach its pods, or they serve no such page.
 */
export async function recorderSeen(cluster: Cluster, { host }: RouteDestination): Promise<number | undefined> {
  const [service, namespace] = host.split(".") as [string, string];
  try {
    const pods = (await podsOf(cluster, namespace, { service })).filter(({ phase }) => phase === "Running");
    if (pods.length === 0) return undefined;
    const counts = await Promise.all(pods.map(({ name }) => seenAt(cluster, namespace, name)));
    return counts.reduce((sum, count) => sum + count, 0);
  } catch (trouble) {
    if (trouble instanceof OperatorError) return undefined;
    throw trouble;
  }
}

async function seenAt(cluster: Cluster, namespace: string, pod: string): Promise<number> {
  const page = await podPage(cluster, namespace, pod, await adminPortOf(cluster, namespace, pod), "/metrics");
  const count = /^tapeloop_recorder_seen_total (\d+)$/m.exec(page)?.[1];
  if (count === undefined) throw new OperatorError(`pod ${pod} in namespace ${namespace} is no recorder`);
  return Number(count);
}

interface Spec {
  containers?: { ports?: { name?: string; containerPort: number }[] }[];
}

async function adminPortOf(cluster: Cluster, namespace: string, name: string): Promise<number> {
  const pod = await cluster.read({ apiVersion: "v1", kind: "Pod", namespace, name });
  const ports = ((pod?.spec ?? {}) as Spec).containers?.flatMap(({ ports: own = [] }) => own) ?? [];
  return ports.find((port) => adminNames.has(port.name))?.containerPort ?? usualAdminPort;
}
