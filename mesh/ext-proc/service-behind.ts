import { OperatorError } from "../../base/index.js";
import { type Cluster, ClusterRefusal } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import type { RouteDestination } from "../routes/virtual-service.js";

/** Ports whose protocol makes Istio speak HTTP/2 to them, which gRPC needs: by `appProtocol`, else by the beginning of the name. */
const http2 = /^(?:http2|grpc|grpc-web|kubernetes\.io\/h2c)(?:-|$)/;

interface ServiceSpec {
  selector?: Record<string, string>;
  ports?: { name?: string; port: number; appProtocol?: string }[];
}

/** The labels of the pods behind a Service. Throws an OperatorError when it is not there, or selects none. */
export async function selectorOf(
  cluster: Cluster,
  namespace: string,
  service: string,
): Promise<Readonly<Record<string, string>>> {
  const { selector = {} } = (await serviceSpec(cluster, namespace, service)) ?? {};
  if (Object.keys(selector).length > 0) return selector;
  throw new OperatorError(
    `Service ${service} in namespace ${namespace} has no selector: whose proxies are to tell of its calls is not known`,
  );
}

/**
 * Throws an OperatorError unless the recorder's Service has the port, under a name that makes proxies speak HTTP/2 to it:
 * over HTTP/1.1 each stream would be refused, and nobody told. Where it may not be read, nothing is known and nothing said.
 */
export async function requireGrpcPort(cluster: Cluster, { host, port }: RouteDestination): Promise<number> {
  const [service, namespace] = host.split(".") as [string, string];
  if (port === undefined)
    throw new OperatorError(
      `--to: name the port of ${service} in namespace ${namespace}, as in ${service}.${namespace}:50051`,
    );
  const spec = await serviceSpec(cluster, namespace, service).catch(undefinedWhenForbidden);
  if (spec === undefined) return port.number;
  const { ports = [] } = spec;
  const found = ports.find((one) => one.port === port.number);
  if (found === undefined) {
    const there = ports.map((one) => one.port).join(", ");
    throw new OperatorError(
      `Service ${service} in namespace ${namespace} has no port ${port.number} (it has ${there})`,
    );
  }
  if (http2.test(found.appProtocol ?? found.name ?? "")) return port.number;
  throw new OperatorError(
    `port ${port.number} of Service ${service} in namespace ${namespace} is named "${found.name ?? ""}": proxies speak HTTP/1.1 to it, and tell by gRPC; name it grpc-… in the Service`,
  );
}

async function serviceSpec(cluster: Cluster, namespace: string, name: string): Promise<ServiceSpec> {
  const ref = { apiVersion: "v1", kind: "Service", namespace, name };
  const service = await inOneLine(`read service ${name}`, () => cluster.read(ref));
  if (service === undefined) throw new OperatorError(`there is no Service ${name} in namespace ${namespace}`);
  return service.spec as ServiceSpec;
}

function undefinedWhenForbidden(thrown: unknown): undefined {
  const { cause } = thrown as { cause?: unknown };
  if (cause instanceof ClusterRefusal && cause.status === 403) return undefined;
  throw thrown;
}
