/** One instance of a service: where it takes calls, and where it says whether it is ready. */
export interface Instance {
  port: number;
  adminPort: number;
}

/**
 * Configuration of an Envoy with a listener `way` that spreads calls over instances, round robin, and asks each of them at
 * `/readyz` twice a second whether it is ready. No retries: Envoy makes none unless a route asks for them.
 */
export function balancingConfig(instances: readonly Instance[], protocol: "http/1.1" | "h2c"): object {
  return {
    admin: { address: loopback(0) },
    static_resources: { listeners: [listener()], clusters: [cluster(instances, protocol)] },
  };
}

const types = "type.googleapis.com/envoy.extensions";
const options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

function listener(): object {
  const route = { match: { prefix: "/" }, route: { cluster: "instances", timeout: "60s" } };
  const router = { name: "router", typed_config: { "@type": `${types}.filters.http.router.v3.Router` } };
  const manager = {
    "@type": `${types}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "way",
    http_filters: [router],
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: [route] }] },
  };
  return {
    name: "way",
    address: loopback(0),
    filter_chains: [{ filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }] }],
  };
}

function cluster(instances: readonly Instance[], protocol: "http/1.1" | "h2c"): object {
  const spoken = protocol === "h2c" ? { http2_protocol_options: {} } : { http_protocol_options: {} };
  return {
    name: "instances",
    type: "STATIC",
    connect_timeout: "5s",
    lb_policy: "ROUND_ROBIN",
    health_checks: [
      {
        timeout: "5s",
        interval: "0.5s",
        no_traffic_interval: "0.5s",
        unhealthy_threshold: 2,
        healthy_threshold: 1,
        http_health_check: { path: "/readyz" },
      },
    ],
    typed_extension_protocol_options: {
      [options]: { "@type": `type.googleapis.com/${options}`, explicit_http_config: spoken },
    },
    load_assignment: {
      cluster_name: "instances",
      endpoints: [{ lb_endpoints: instances.map((instance) => ({ endpoint: endpoint(instance) })) }],
    },
  };
}

function endpoint({ port, adminPort }: Instance): object {
  return { address: loopback(port), health_check_config: { port_value: adminPort } };
}

function loopback(port: number): object {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}
