import { envoyTypes } from "./types.js";

/**
 * Bounds of the recorder's cluster. A stream is open for the length of its call and the filter's deferred close after
 * it, so the default of 1024 open requests would leave out calls beyond about 500 a second.
 */
export const mostOpenStreams = 100_000;

/** Every call ends with a reset, and nghttp2 in older Node takes more than 1000 of them on a connection for an attack. */
export const mostCallsPerConnection = 500;

/**
 * What Envoy holds back of one call, and on one connection, while the recorder does not read (stopped, or starved): beyond
 * it calls themselves would wait. Its own default for a connection is 1 MiB, which a stopped recorder meets at once.
 */
const heldBackBytes = 64 * 2 ** 20;

/** As a change to the cluster that Istio makes of the recorder's Service: the one bound that a DestinationRule cannot set. */
export const heldBackPatch = { per_connection_buffer_limit_bytes: heldBackBytes };

/** The cluster of a recorder for an Envoy without Istio. */
export function recorderCluster(name: string, host: string, port: number): object {
  return {
    name,
    type: /^[\d.]+$|:/.test(host) ? "STATIC" : "STRICT_DNS",
    connect_timeout: "1s",
    ...heldBackPatch,
    circuit_breakers: { thresholds: [{ max_requests: mostOpenStreams, max_pending_requests: mostOpenStreams }] },
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": envoyTypes.httpProtocolOptions,
        common_http_protocol_options: { max_requests_per_connection: mostCallsPerConnection },
        explicit_http_config: {
          http2_protocol_options: {
            initial_stream_window_size: heldBackBytes,
            initial_connection_window_size: 2 * heldBackBytes,
          },
        },
      },
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [
        { lb_endpoints: [{ endpoint: { address: { socket_address: { address: host, port_value: port } } } }] },
      ],
    },
  };
}
