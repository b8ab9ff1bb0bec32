import { OperatorError } from "../../base/index.js";
import { type Cluster, ClusterRefusal } from "./cluster.js";
import { inOneLine } from "./in-one-line.js";

/** A port of a Service. */
interface ServicePort {
  name?: string;
  port: number;
  appProtocol?: string;
}

/** What is read of a Service. */
interface ServiceSpec {
  selector?: Record<string, string>;
  ports?: ServicePort[];
}

/** Throws an OperatorError when it is not there. */
export async function serviceSpec(cluster: Cluster, namespace: string, name: string): Promise<ServiceSpec> {
  const ref = { apiVersion: "v1", kind: "Service", namespace, name };
  const service = await inOneLine(`read service ${name}`, () => cluster.read(ref));
  if (service === undefined) throw new OperatorError(`there is no Service ${name} in namespace ${namespace}`);
  return (service.spec ?? {}) as ServiceSpec;
}

/**
 * The port of the Service that a host names in full, its only one where none is named; undefined where the Service may not be read.
 * Throws an OperatorError when there is no such Service or port.
 */
export async function servicePort(
  cluster: Cluster,
  { host, port }: { host: string; port?: { number: number } },
): Promise<ServicePort | undefined> {
  const [service, namespace] = host.split(".") as [string, string];
  const spec = await serviceSpec(cluster, namespace, service).catch(undefinedWhenForbidden);
  if (spec === undefined) return undefined;
  const { ports = [] } = spec;
  const found = port === undefined && ports.length === 1 ? ports[0] : ports.find((one) => one.port === port?.number);
  if (found !== undefined) return found;
  const which = port === undefined ? "several ports: name one" : `no port ${port.number}`;
  const there = ports.map((one) => one.port).join(", ");
  throw new OperatorError(`Service ${service} in namespace ${namespace} has ${which} (it has ${there})`);
}

function undefinedWhenForbidden(thrown: unknown): undefined {
  const { cause } = thrown as { cause?: unknown };
  if (cause instanceof ClusterRefusal && cause.status === 403) return undefined;
  throw thrown;
}
