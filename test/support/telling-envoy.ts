import type { TestContext } from "node:test";
import { parse } from "yaml";
import { type Home, tapeloop } from "./command-line.js";
import { type Envoy, startEnvoy } from "./envoy.js";

/** What `tapeloop record --print-envoy-filter --format envoy` prints, read back. */
export interface PrintedConfig {
  http_filters?: object[];
  access_log?: object[];
  request_mirror_policies?: object[];
  clusters: [object];
}

/** Runs the command and reads its YAML. */
export async function printedConfig(
  t: TestContext,
  home: Home,
  what: "ext-proc" | "access-log" | "mirror",
  recorderPort: number,
): Promise<PrintedConfig> {
  const address = ["--recorder-address", `127.0.0.1:${recorderPort}`];
  const words = ["record", "--print-envoy-filter", what, "--format", "envoy", ...address];
  const { code, stdout, stderr } = await tapeloop(t, home, words);
  if (code !== 0) throw new Error(`tapeloop ${words.join(" ")} ended with ${code}: ${stderr}`);
  return parse(stdout) as PrintedConfig;
}

export interface TellingEnvoy {
  /** Port of the service behind. */
  service: number;
  printed: PrintedConfig;
  /** Port of a recorder that gets copies of the requests. */
  mirror?: number;
  /** Makes a trace for requests without one, as a gateway does. */
  beginsTraces?: boolean;
}

/**
 * An Envoy with a listener `way` that tells a recorder what passes, with what `--print-envoy-filter` gave. Routes:
 * `/direct` is answered by Envoy itself, `/refused` has an upstream that nobody listens at, `/slow?late=1` a timeout of
 * 300 ms; all else goes to the service.
 */
export async function startTellingEnvoy(t: TestContext, binary: string, setup: TellingEnvoy): Promise<Envoy> {
  return await startEnvoy(t, binary, { whole: configOf(setup) });
}

export function configOf(setup: TellingEnvoy): object {
  const { service, printed, mirror } = setup;
  const clusters = [
    cluster("service", service),
    cluster("nobody", 1),
    ...(mirror === undefined ? [] : [{ ...cluster("mirror", mirror), ...prior2 }]),
    ...(setup.beginsTraces ? [{ ...cluster("collector", 1), ...prior2 }] : []),
    ...printed.clusters,
  ];
  return { admin: { address: loopback(0) }, static_resources: { listeners: [listener(setup)], clusters } };
}

const extensions = "type.googleapis.com/envoy.extensions";

function listener(setup: TellingEnvoy): object {
  const manager = {
    "@type": `${extensions}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "way",
    http_protocol_options: { enable_trailers: true },
    upgrade_configs: [{ upgrade_type: "websocket" }],
    ...(setup.printed.access_log && { access_log: setup.printed.access_log }),
    ...(setup.beginsTraces && { tracing: tracing() }),
    http_filters: [
      ...(setup.printed.http_filters ?? []),
      { name: "envoy.filters.http.router", typed_config: { "@type": `${extensions}.filters.http.router.v3.Router` } },
    ],
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: routes(setup) }] },
  };
  const filters = [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }];
  return { name: "way", address: loopback(0), filter_chains: [{ filters }] };
}

function routes({ mirror, printed }: TellingEnvoy): object[] {
  const policies = mirror === undefined ? printed.request_mirror_policies : [{ cluster: "mirror" }];
  const copies = policies === undefined ? {} : { request_mirror_policies: policies };
  const to = (name: string, timeout: string) => ({ cluster: name, timeout, ...copies });
  return [
    { match: { prefix: "/direct" }, direct_response: { status: 503, body: { inline_string: "local" } } },
    { match: { prefix: "/refused" }, route: to("nobody", "5s") },
    { match: { prefix: "/slow", query_parameters: [late] }, route: to("service", "0.3s") },
    { name: "main-route", match: { prefix: "/" }, route: to("service", "120s") },
  ];
}

const late = { name: "late", present_match: true };

function tracing(): object {
  const service = { envoy_grpc: { cluster_name: "collector" }, timeout: "0.25s" };
  const provider = {
    name: "otel",
    typed_config: {
      "@type": "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig",
      grpc_service: service,
      service_name: "way",
    },
  };
  return { random_sampling: { value: 100 }, provider };
}

const http1 = { http_protocol_options: { enable_trailers: true } };
const http2 = { http2_protocol_options: {} };
const upstreamHttp = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const prior2 = {
  typed_extension_protocol_options: {
    [upstreamHttp]: { "@type": `type.googleapis.com/${upstreamHttp}`, explicit_http_config: http2 },
  },
};

function cluster(name: string, port: number): object {
  return {
    name,
    type: "STATIC",
    connect_timeout: "5s",
    circuit_breakers: {
      thresholds: [{ max_connections: 10_000, max_requests: 100_000, max_pending_requests: 100_000 }],
    },
    typed_extension_protocol_options: {
      [upstreamHttp]: {
        "@type": `type.googleapis.com/${upstreamHttp}`,
        use_downstream_protocol_config: { ...http1, ...http2 },
      },
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: loopback(port) } }] }],
    },
  };
}

function loopback(port: number): object {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}
