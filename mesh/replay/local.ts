import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { podsOf } from "../pods/pods-of.js";
import { type ForwardedPort, forwardPort } from "../pods/port.js";
import { containerPort } from "./container-port.js";
import type { Destination } from "./destinations.js";

/** A destination that is reached from this machine. */
export interface LocalDestination extends Destination {
  /** Base URL on loopback. */
  localUrl: string;
}

/** Ways from this machine to destinations in a cluster, through the API server. */
export interface LocalWays {
  destinations: readonly LocalDestination[];
  /** Safe to call twice. */
  close(): Promise<void>;
}

/** Opens a port on loopback for each Service and port, which leads to one ready pod of it. Throws an OperatorError where there is none. */
export async function forwardDestinations(cluster: Cluster, destinations: readonly Destination[]): Promise<LocalWays> {
  const ways = new Map<string, ForwardedPort>();
  const close = async () => void (await Promise.all([...ways.values()].map((way) => way.close())));
  try {
    for (const to of destinations) {
      if (!ways.has(to.url)) ways.set(to.url, await wayTo(cluster, to));
    }
  } catch (trouble) {
    await close();
    throw trouble;
  }
  return {
    close,
    destinations: destinations.map((to) => ({
      ...to,
      localUrl: `${new URL(to.url).protocol}//127.0.0.1:${ways.get(to.url)!.port}`,
    })),
  };
}

async function wayTo(cluster: Cluster, { namespace, service, port }: Destination): Promise<ForwardedPort> {
  const pod = (await podsOf(cluster, namespace, { service })).find(({ isReady }) => isReady);
  if (pod === undefined)
    throw new OperatorError(`no pod of Service ${service} in namespace ${namespace} is ready: nobody would answer`);
  return forwardPort(cluster, namespace, pod.name, await containerPort(cluster, pod, port.targetPort));
}
