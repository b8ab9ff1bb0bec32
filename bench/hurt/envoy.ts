import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { envoyConfigFor } from "../../recorder/index.js";
import { freePort, untilListening } from "../support/ports.js";

/** The ways of one Envoy to one service: without us, and with each kind of recorder. */
export const wayNames = ["without", "mirror-http1", "mirror-h2c", "ext-proc"] as const;
export type WayName = (typeof wayNames)[number];

/** One worker for all ways, so that what slows it down slows all of them. Gives the port of each way. */
export async function startFourWays(
  binary: string,
  ports: { service: number; mirror: number; extProc: number },
): Promise<{ ports: Record<WayName, number>; stop(): Promise<void> }> {
  const listen = {} as Record<WayName, number>;
  for (const name of wayNames) listen[name] = await freePort();
  const file = join(mkdtempSync(join(tmpdir(), "tapeloop-bench-")), "envoy.json");
  writeFileSync(file, JSON.stringify(configOf(listen, ports)));
  const flags = ["-c", file, "--concurrency", "1", "--use-dynamic-base-id", "--disable-hot-restart", "-l", "error"];
  const child = spawn(binary, flags, { stdio: ["ignore", "ignore", "inherit"] });
  process.once("exit", () => child.kill("SIGKILL"));
  for (const port of Object.values(listen)) await untilListening(port);
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  };
  return { ports: listen, stop };
}

interface Told {
  http_filters: object[];
  clusters: object[];
}

function configOf(
  listen: Record<WayName, number>,
  { service, mirror, extProc }: { service: number; mirror: number; extProc: number },
): object {
  const told = envoyConfigFor({ tells: "ext-proc", host: "127.0.0.1", port: extProc }) as Told;
  return {
    static_resources: {
      listeners: wayNames.map((name) => listener(name, listen[name], told)),
      clusters: [
        cluster("service", service, "http_protocol_options"),
        cluster("mirror-http1", mirror, "http_protocol_options"),
        cluster("mirror-h2c", mirror, "http2_protocol_options"),
        ...told.clusters,
      ],
    },
  };
}

const types = "type.googleapis.com/envoy.extensions";

function listener(name: WayName, port: number, told: Told): object {
  const copies = name.startsWith("mirror") ? [{ cluster: name }] : [];
  const route = { cluster: "service", timeout: "300s", request_mirror_policies: copies };
  const router = { name: "router", typed_config: { "@type": `${types}.filters.http.router.v3.Router` } };
  const manager = {
    "@type": `${types}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: name,
    http_filters: [...(name === "ext-proc" ? told.http_filters : []), router],
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, route }] }] },
  };
  const filters = [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }];
  return { name, address: address(port), filter_chains: [{ filters }] };
}

function cluster(name: string, port: number, protocol: string): object {
  const options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  return {
    name,
    type: "STATIC",
    connect_timeout: "5s",
    typed_extension_protocol_options: {
      [options]: { "@type": `type.googleapis.com/${options}`, explicit_http_config: { [protocol]: {} } },
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(port) } }] }],
    },
  };
}

function address(port: number): object {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}
