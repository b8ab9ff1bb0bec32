import type { Cluster } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import type { ClusterObject } from "../cluster/object.js";

/** A port of a Service, as its callers see it. */
export interface ServicePort {
  number: number;
  /** Istio reads the protocol off its beginning: `http-web`, `grpc`. */
  name?: string;
  /** Speaks TLS itself, so that a sidecar passes it through. */
  isTls: boolean;
  /** Where its pods listen: a number, or the name of a container's port. */
  targetPort: number | string;
}

/** A Service, as far as calls to it matter. */
export interface KnownService {
  name: string;
  /** Of TCP, in the order they are written. */
  ports: readonly ServicePort[];
}

/** The Services of a namespace, by name; those that only name a host elsewhere are left out. */
export async function servicesOf(cluster: Cluster, namespace: string): Promise<KnownService[]> {
  const found = await inOneLine(`list the Services of namespace ${namespace}`, () =>
    cluster.list({ apiVersion: "v1", kind: "Service", namespace }),
  );
  return found
    .filter(({ spec }) => (spec as ServiceSpec).type !== "ExternalName")
    .map(serviceOf)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface ServiceSpec {
  type?: string;
  ports?: { name?: string; port: number; protocol?: string; appProtocol?: string; targetPort?: number | string }[];
}

function serviceOf({ metadata, spec }: ClusterObject): KnownService {
  const { ports = [] } = spec as ServiceSpec;
  return {
    name: metadata.name,
    ports: ports
      .filter(({ protocol = "TCP" }) => protocol === "TCP")
      .map(({ name, port, appProtocol = name ?? "", targetPort = port }) => ({
        ...(name === undefined ? {} : { name }),
        ...{ number: port, isTls: /^https(-|$)/.test(appProtocol), targetPort },
      })),
  };
}
