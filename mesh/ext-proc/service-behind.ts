import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { servicePort, serviceSpec } from "../cluster/service-port.js";
import type { RouteDestination } from "../routes/virtual-service.js";

/** Ports whose protocol makes Istio speak HTTP/2 to them, which gRPC needs: by `appProtocol`, else by the beginning of the name. */
const http2 = /^(?:http2|grpc|grpc-web|kubernetes\.io\/h2c)(?:-|$)/;

/** The labels of the pods behind a Service. Throws an OperatorError when it is not there, or selects none. */
export async function selectorOf(
  cluster: Cluster,
  namespace: string,
  service: string,
): Promise<Readonly<Record<string, string>>> {
  const { selector = {} } = await serviceSpec(cluster, namespace, service);
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
  const found = await servicePort(cluster, { host, port });
  if (found === undefined) return port.number;
  if (http2.test(found.appProtocol ?? found.name ?? "")) return port.number;
  throw new OperatorError(
    `port ${port.number} of Service ${service} in namespace ${namespace} is named "${found.name ?? ""}": proxies speak HTTP/1.1 to it, and tell by gRPC; name it grpc-… in the Service`,
  );
}
