import { parseDurationMs } from "../../../virtual-service/index.js";
import type { ClusterObject } from "../../cluster/object.js";
import type { Check } from "../check.js";
import { type ExtProcFilter, extProcFilters } from "../ext-proc.js";
import { type Finding, placeInWords, placeOf } from "../finding.js";
import { serviceNamed } from "../host.js";
import { objectsOf, type Seen } from "../seen.js";
import { portsOf, protocolOf, targetOf } from "../services.js";
import { unknownFinding } from "../unknown.js";

/** Fewer calls a second than this, for each proxy, is taken for a bound that somebody will meet. */
const fewCallsASecond = 5_000;
/** nghttp2 in older Node takes more resets on one connection for an attack, and every stream ends in one. */
const mostCallsPerConnection = 1_000;

/** TL0407, TL0408, TL0409, and TL0401 for its port: the cluster of the recorder that ext_proc filters tell. */
export const extProcRecorder: Check = {
  name: "the recorder that ext_proc filters tell",
  needs: ["EnvoyFilter"],
  look: (seen) =>
    extProcFilters(seen).flatMap((filter) => [...serviceFindings(filter, seen), ...poolFindings(filter, seen)]),
};

function serviceFindings({ object, path, told }: ExtProcFilter, seen: Seen): Finding[] {
  const place = placeOf(object, `${path}.grpc_service.envoy_grpc.cluster_name`);
  const nobody = (what: string): Finding[] => [
    {
      ...{ id: "TL0409", severity: "error", place, seen: `${what}: nothing is recorded` },
      fix: "name the cluster that Istio makes of the recorder's Service: outbound|PORT||SERVICE.NAMESPACE.svc.cluster.local",
    },
  ];
  if (told === undefined) return nobody("its cluster is none that Istio makes of a Service");
  const target = targetOf(told.host, seen, object.metadata.namespace);
  if (target.kind === "unknown") {
    return seen.filesAlone
      ? []
      : [unknownFinding(`the recorder of ${placeInWords(placeOf(object))}`, place, target.why)];
  }
  if (target.kind === "nothing") return nobody(`there is no Service ${told.host}`);
  if (target.kind === "entry") return [];
  const port = portsOf(target.service).find((one) => one.port === told.port);
  if (port === undefined) return nobody(`Service ${target.name.name} has no port ${told.port}`);
  const said = port.appProtocol ?? port.name ?? "";
  if (protocolOf(port) === "http" && /^(grpc|http2|kubernetes\.io\/h2c)/i.test(said)) return [];
  return [
    {
      ...{
        id: "TL0401",
        severity: "error",
        place: placeOf(target.service, `spec.ports[${portsOf(target.service).indexOf(port)}]`),
      },
      seen: `port ${port.port} ${said === "" ? "has no name" : `is named ${said}`}, so proxies do not speak HTTP/2 to it, and no gRPC arrives`,
      fix: "begin its name with grpc, such as grpc-ext-proc",
    },
  ];
}

interface Pool {
  http2MaxRequests?: number;
  maxRequestsPerConnection?: number;
}

/** Without a DestinationRule Istio bounds nothing, connections neither. */
function poolFindings({ object, path, told, config }: ExtProcFilter, seen: Seen): Finding[] {
  if (told === undefined || seen.unread.some(({ kind }) => kind === "DestinationRule")) return [];
  const rule = ruleFor(told.host, object, seen);
  const { trafficPolicy } = (rule?.spec ?? {}) as { trafficPolicy?: { connectionPool?: { http?: Pool } } };
  const pool = trafficPolicy?.connectionPool?.http ?? {};
  const place =
    rule === undefined
      ? placeOf(object, `${path}.grpc_service`)
      : placeOf(rule, "spec.trafficPolicy.connectionPool.http");
  const found: Finding[] = [];
  const heldMs = parseDurationMs(config.deferred_close_timeout ?? "") ?? 5_000;
  const callsASecond = Math.floor(((pool.http2MaxRequests ?? Infinity) * 1000) / Math.max(heldMs, 1));
  if (callsASecond < fewCallsASecond) {
    found.push({
      ...{ id: "TL0407", severity: "warning", place },
      seen: `http2MaxRequests ${pool.http2MaxRequests} with streams open for ${heldMs / 1000} s after each call: beyond about ${callsASecond} calls a second a proxy leaves calls out`,
      fix: "set http2MaxRequests: 100000",
    });
  }
  const perConnection = pool.maxRequestsPerConnection ?? 0;
  if (perConnection === 0 || perConnection > mostCallsPerConnection) {
    found.push({
      ...{ id: "TL0408", severity: "warning", place },
      seen: `${rule === undefined ? `no DestinationRule of this namespace is for ${told.host}, so` : perConnection === 0 ? "without maxRequestsPerConnection" : `with maxRequestsPerConnection ${perConnection}`} a connection carries more than ${mostCallsPerConnection} calls: older Node closes it then, and what is in flight there is lost`,
      fix: "set maxRequestsPerConnection: 500 in a DestinationRule for the recorder",
    });
  }
  return found;
}

function ruleFor(host: string, { metadata }: ClusterObject, seen: Seen): ClusterObject | undefined {
  const wanted = serviceNamed(host, metadata.namespace ?? seen.namespace);
  return objectsOf(seen, "DestinationRule").find(({ spec }) => {
    const named = serviceNamed((spec as { host?: string }).host ?? "", seen.namespace);
    return named !== undefined && named.name === wanted?.name && named.namespace === wanted.namespace;
  });
}
