import { accessLogger } from "./access-logger.js";
import { extProcFilter } from "./ext-proc-filter.js";
import { heldBackPatch, mostCallsPerConnection, mostOpenStreams, recorderCluster } from "./recorder-cluster.js";
import { envoyTypes, type RecorderTarget } from "./types.js";

/**
 * What Envoy is to tell the recorder: both halves of each call, how mirrored calls were answered, or copies of requests. For
 * copies Istio's own routes say which; what is left to set are the bounds of the recorder's cluster.
 */
export const envoyTells = ["ext-proc", "access-log", "mirror"] as const;
export type EnvoyTells = (typeof envoyTells)[number];

/** At which of its listeners a proxy of Istio's tells: calls that come to the workload, that it makes, or a gateway's. */
export const istioContexts = ["inbound", "outbound", "gateway"] as const;
export type IstioContext = (typeof istioContexts)[number];

export interface PrintedConfigOptions {
  tells: EnvoyTells;
  /** Where Envoy reaches the recorder. */
  host: string;
  port: number;
}

export interface IstioConfigOptions extends PrintedConfigOptions {
  context: IstioContext;
  /** Of the EnvoyFilter: it works on workloads of this namespace, of all where it is Istio's root namespace. */
  namespace: string;
  /** Labels of the workloads; none for all. */
  labels: Readonly<Record<string, string>>;
  /** What the recorder is to call the proxies that tell (`hop` of an Exchange); ext-proc alone. */
  hop?: string;
}

const name = "tapeloop-recorder";

/** What comes into an Envoy's own configuration, by the places where it belongs. */
export function envoyConfigFor({ tells, host, port }: PrintedConfigOptions): object {
  const recorder = { cluster: name, authority: authorityOf(host, port) };
  return { ...toldTo(recorder, tells), clusters: [recorderCluster(name, host, port)] };
}

function toldTo(recorder: RecorderTarget, tells: EnvoyTells): object {
  switch (tells) {
    case "ext-proc":
      return { http_filters: [extProcFilter(recorder)] };
    case "access-log":
      return { access_log: [accessLogger(recorder)] };
    case "mirror":
      return { request_mirror_policies: [{ cluster: recorder.cluster }] };
  }
}

/** The same as resources of Istio: an EnvoyFilter, and a DestinationRule with the bounds of the recorder's cluster. */
export function istioConfigFor(options: IstioConfigOptions): object[] {
  const { namespace, labels, host } = options;
  const metadata = { name: `tapeloop-${options.tells}-${options.context}`, namespace };
  return [
    {
      apiVersion: "networking.istio.io/v1alpha3",
      kind: "EnvoyFilter",
      metadata,
      spec: {
        ...(Object.keys(labels).length > 0 && { workloadSelector: { labels } }),
        configPatches: [...patchesOf(options), clusterPatchOf(options)],
      },
    },
    {
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata: { name, namespace },
      spec: { host, trafficPolicy: { connectionPool: { http: connectionPool } } },
    },
  ];
}

const connectionPool = {
  http2MaxRequests: mostOpenStreams,
  http1MaxPendingRequests: mostOpenStreams,
  maxRequestsPerConnection: mostCallsPerConnection,
};

const contextNames: Readonly<Record<IstioContext, string>> = {
  inbound: "SIDECAR_INBOUND",
  outbound: "SIDECAR_OUTBOUND",
  gateway: "GATEWAY",
};

function patchesOf({ tells, host, port, context, hop }: IstioConfigOptions): object[] {
  if (tells === "mirror") return [];
  const recorder = {
    ...{ cluster: `outbound|${port}||${host}`, authority: authorityOf(host, port) },
    ...(hop !== undefined && { hop }),
  };
  const manager = "envoy.filters.network.http_connection_manager";
  const at = contextNames[context];
  if (tells === "ext-proc") {
    const router = { name: "envoy.filters.http.router" };
    return [
      {
        applyTo: "HTTP_FILTER",
        match: { context: at, listener: { filterChain: { filter: { name: manager, subFilter: router } } } },
        patch: { operation: "INSERT_BEFORE", value: extProcFilter(recorder) },
      },
    ];
  }
  return [
    {
      applyTo: "NETWORK_FILTER",
      match: { context: at, listener: { filterChain: { filter: { name: manager } } } },
      patch: {
        operation: "MERGE",
        value: { typed_config: { "@type": envoyTypes.connectionManager, access_log: [accessLogger(recorder)] } },
      },
    },
  ];
}

/** To a sidecar the recorder is a place that it sends to, whichever of its listeners tells. */
function clusterPatchOf({ host, port, context }: IstioConfigOptions): object {
  const at = contextNames[context === "gateway" ? "gateway" : "outbound"];
  const match = { context: at, cluster: { service: host, portNumber: port } };
  return { applyTo: "CLUSTER", match, patch: { operation: "MERGE", value: heldBackPatch } };
}

function authorityOf(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
