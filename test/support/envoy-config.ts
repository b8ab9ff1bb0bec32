/**
 * Envoy configuration for tests, as small as it can be: listeners on free ports of 127.0.0.1, each with one route to one
 * cluster and copies to others. Trailers are let through on both sides (off by default in Envoy); WebSocket upgrades too.
 */
export interface EnvoySetup {
  listeners: readonly EnvoyListener[];
  clusters: readonly EnvoyCluster[];
}

export interface EnvoyListener {
  name: string;
  /** Name of the cluster that answers. */
  routeTo: string;
  /** Names of the clusters that get a copy. */
  mirrorTo?: readonly string[];
}

export interface EnvoyCluster {
  name: string;
  /** Port on 127.0.0.1. */
  port: number;
  /** `as-downstream`: HTTP/2 for calls that came over HTTP/2, else HTTP/1.1. */
  protocol: "http/1.1" | "h2c" | "as-downstream";
  /** What may wait on a connection before its streams are held up; Envoy's own default is 1 MiB. */
  bufferBytes?: number;
  /** Envoy's own defaults (1024 each) when left out. */
  breaker?: { maxConnections: number; maxPendingRequests: number; maxRequests: number };
}

export function envoyConfig(setup: EnvoySetup): object {
  return {
    admin: { address: loopback(0) },
    static_resources: { listeners: setup.listeners.map(listener), clusters: setup.clusters.map(cluster) },
  };
}

function listener({ name, routeTo, mirrorTo = [] }: EnvoyListener): object {
  const copies = mirrorTo.map((mirror) => ({ cluster: mirror }));
  const route = { cluster: routeTo, timeout: "120s", request_mirror_policies: copies };
  return {
    name,
    address: loopback(0),
    filter_chains: [{ filters: [connectionManager(name, { match: { prefix: "/" }, route })] }],
  };
}

function connectionManager(name: string, route: object): object {
  return {
    name: "envoy.filters.network.http_connection_manager",
    typed_config: {
      "@type": `${filters}.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: name,
      codec_type: "AUTO",
      http_protocol_options: { enable_trailers: true },
      upgrade_configs: [{ upgrade_type: "websocket" }],
      http_filters: [
        { name: "envoy.filters.http.router", typed_config: { "@type": `${filters}.http.router.v3.Router` } },
      ],
      route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: [route] }] },
    },
  };
}

function cluster({ name, port, protocol, breaker, bufferBytes }: EnvoyCluster): object {
  return {
    name,
    type: "STATIC",
    connect_timeout: "5s",
    ...(bufferBytes !== undefined && { per_connection_buffer_limit_bytes: bufferBytes }),
    ...(breaker && { circuit_breakers: { thresholds: [thresholds(breaker)] } }),
    typed_extension_protocol_options: {
      [upstreamHttp]: { "@type": `type.googleapis.com/${upstreamHttp}`, ...protocolOptions[protocol] },
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: loopback(port) } }] }],
    },
  };
}

function thresholds(breaker: NonNullable<EnvoyCluster["breaker"]>): object {
  return {
    max_connections: breaker.maxConnections,
    max_pending_requests: breaker.maxPendingRequests,
    max_requests: breaker.maxRequests,
  };
}

const filters = "type.googleapis.com/envoy.extensions.filters";
const upstreamHttp = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const http1 = { http_protocol_options: { enable_trailers: true } };
const http2 = { http2_protocol_options: {} };
const protocolOptions = {
  "http/1.1": { explicit_http_config: http1 },
  h2c: { explicit_http_config: http2 },
  "as-downstream": { use_downstream_protocol_config: { ...http1, ...http2 } },
};

function loopback(port: number): object {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}
