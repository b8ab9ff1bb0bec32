import http from "node:http";
import type { TestContext } from "node:test";
import { CertificateMaker } from "./certificates.js";
import { type Envoy, startEnvoy } from "./envoy.js";
import { listenOnLoopback } from "./loopback.js";
import type { PrintedConfig } from "./telling-envoy.js";

/** Where each Envoy of the chain tells a recorder what passes. */
export interface ChainSetup {
  /** Port of a recorder that gets a copy from each hop, labelled with the hop's name. */
  mirror?: number;
  /** What `record --print-envoy-filter` printed: each hop reports to that recorder. */
  extProc?: PrintedConfig;
  /** app1 passes x-request-id, traceparent and baggage on to app2. */
  propagates: boolean;
  /** app1 calls app2 when this resolves: what is told of the first hop takes a way of its own. */
  mayGoOn?: () => Promise<unknown>;
  /** Puts a recorder in front of app1, of what app1 calls, of app2: gives the port to use instead. */
  inFront?: {
    app1?: (port: number) => Promise<number>;
    fromApp1?: (port: number) => Promise<number>;
    app2?: (port: number) => Promise<number>;
  };
}

/** client → gateway → app1 → svc1-out → mTLS → svc2-in → app2, each hop a real Envoy that traces. */
export interface Chain {
  /** Where the client calls. */
  port: number;
  gateway: Envoy;
  svc1: Envoy;
  svc2: Envoy;
}

const identity = (port: number) => Promise.resolve(port);

/** Starts the chain, its end first. `GET /checkout/{id}` at the gateway makes app1 call `GET /stock/{id}`. */
export async function startChain(t: TestContext, binary: string, setup: ChainSetup): Promise<Chain> {
  const { app1 = identity, fromApp1 = identity, app2 = identity } = setup.inFront ?? {};
  const certificates = new CertificateMaker();
  const pairs = Object.fromEntries(
    ["svc1", "svc2"].map((name) => [
      name,
      certificates.make(name, `URI:spiffe://cluster.local/ns/default/sa/${name},DNS:${name}`),
    ]),
  );
  const tls = (name: "svc1" | "svc2") => ({
    tls_certificates: [
      { certificate_chain: { filename: pairs[name]!.certFile }, private_key: { filename: pairs[name]!.keyFile } },
    ],
    validation_context: { trusted_ca: { filename: certificates.caFile } },
  });
  const last = await listenOnLoopback(
    t,
    http.createServer((_request, response) => response.end('{"left":3}')),
  );
  const svc2 = await startEnvoy(t, binary, {
    whole: hopConfig(setup, {
      name: "svc2-in",
      node: "svc2.default",
      to: await app2(last),
      downstreamTls: tls("svc2"),
    }),
  });
  const svc1 = await startEnvoy(t, binary, {
    whole: hopConfig(setup, {
      name: "svc1-out",
      node: "svc1.default",
      to: svc2.port("svc2-in"),
      upstreamTls: tls("svc1"),
    }),
  });
  const middle = await listenOnLoopback(t, middleApp(await fromApp1(svc1.port("svc1-out")), setup));
  const gateway = await startEnvoy(t, binary, {
    whole: hopConfig(setup, { name: "gw", node: "gateway.default", to: await app1(middle), isEdge: true }),
  });
  return { port: gateway.port("gw"), gateway, svc1, svc2 };
}

/** Answers `/checkout/{id}` with what `svc2` says of `/stock/{id}`. */
function middleApp(port: number, { propagates, mayGoOn }: ChainSetup): http.Server {
  return http.createServer(async (request, response) => {
    await mayGoOn?.();
    const passed = ["x-request-id", "traceparent", "baggage"].flatMap((name) => {
      const value = request.headers[name];
      return propagates && typeof value === "string" ? [[name, value] as const] : [];
    });
    const headers = { host: "svc2:9080", ...Object.fromEntries(passed) };
    const path = (request.url ?? "").replace("/checkout/", "/stock/");
    http
      .get({ host: "127.0.0.1", port, path, headers, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, { "content-type": "application/json" });
        answer.pipe(response);
      })
      .on("error", () => response.writeHead(502).end());
  });
}

interface HopOfChain {
  name: string;
  node: string;
  to: number;
  isEdge?: boolean;
  upstreamTls?: object;
  downstreamTls?: object;
}

const extensions = "type.googleapis.com/envoy.extensions";
const upstreamHttp = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

function hopConfig({ mirror, extProc }: ChainSetup, hop: HopOfChain): object {
  const clusters = [
    { ...cluster("next", hop.to), ...(hop.upstreamTls && { transport_socket: upstreamSocket(hop.upstreamTls) }) },
    ...(mirror === undefined ? [] : [{ ...cluster("recorder", mirror), ...overHttp2 }]),
    { ...cluster("collector", 1), ...overHttp2 },
    ...(extProc?.clusters ?? []),
  ];
  return {
    node: { id: `${hop.node}-1`, cluster: hop.node },
    admin: { address: loopback(0) },
    static_resources: { listeners: [listener(hop, mirror, extProc)], clusters },
  };
}

function listener(hop: HopOfChain, mirror: number | undefined, extProc: PrintedConfig | undefined): object {
  const manager = {
    "@type": `${extensions}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: hop.name,
    generate_request_id: true,
    tracing: tracing(hop.name),
    // What comes in is the calling Envoy's to name.
    add_user_agent: hop.downstreamTls === undefined,
    use_remote_address: hop.isEdge === true,
    ...(hop.downstreamTls && {
      forward_client_cert_details: "APPEND_FORWARD",
      set_current_client_cert_details: { uri: true, dns: true },
    }),
    http_filters: [
      ...(extProc?.http_filters ?? []),
      { name: "envoy.filters.http.router", typed_config: { "@type": `${extensions}.filters.http.router.v3.Router` } },
    ],
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: [route(hop, mirror)] }] },
  };
  const filters = [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }];
  const chain = { filters, ...(hop.downstreamTls && { transport_socket: downstreamSocket(hop.downstreamTls) }) };
  return { name: hop.name, address: loopback(0), filter_chains: [chain] };
}

function route({ name }: HopOfChain, mirror: number | undefined): object {
  const label = { header: { key: "x-tapeloop-hop", value: name }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" };
  const copies = [{ cluster: "recorder", request_headers_mutations: [{ append: label }] }];
  return {
    match: { prefix: "/" },
    route: { cluster: "next", ...(mirror !== undefined && { request_mirror_policies: copies }) },
  };
}

function tracing(name: string): object {
  const collector = { envoy_grpc: { cluster_name: "collector" }, timeout: "0.25s" };
  return {
    random_sampling: { value: 100 },
    provider: {
      name: "otel",
      typed_config: {
        "@type": "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig",
        grpc_service: collector,
        service_name: name,
      },
    },
  };
}

function upstreamSocket(tls: object): object {
  const type = `${extensions}.transport_sockets.tls.v3.UpstreamTlsContext`;
  return { name: "tls", typed_config: { "@type": type, common_tls_context: tls } };
}

function downstreamSocket(tls: object): object {
  const type = `${extensions}.transport_sockets.tls.v3.DownstreamTlsContext`;
  return {
    name: "tls",
    typed_config: { "@type": type, require_client_certificate: true, common_tls_context: tls },
  };
}

const overHttp2 = {
  typed_extension_protocol_options: {
    [upstreamHttp]: {
      "@type": `type.googleapis.com/${upstreamHttp}`,
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
};

function cluster(name: string, port: number): object {
  return {
    name,
    type: "STATIC",
    connect_timeout: "5s",
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address: loopback(port) } }] }] },
  };
}

function loopback(port: number): object {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}
