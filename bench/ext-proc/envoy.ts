import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { envoyConfigFor } from "../../recorder/index.js";
import { freePort, untilListening } from "../support/ports.js";

/** An Envoy with one worker that tells a recorder of each call to a service. */
export interface TellingEnvoy {
  port: number;
  /** A counter or gauge by its full name; 0 where it has none of the name. */
  stat(name: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startTellingEnvoy(
  binary: string,
  { service, recorder }: { service: number; recorder: number },
): Promise<TellingEnvoy> {
  const [port, admin] = [await freePort(), await freePort()];
  const file = join(mkdtempSync(join(tmpdir(), "tapeloop-bench-")), "envoy.json");
  writeFileSync(file, JSON.stringify(configOf({ port, admin, service, recorder })));
  const flags = ["-c", file, "--concurrency", "1", "--use-dynamic-base-id", "--disable-hot-restart", "-l", "error"];
  const child = spawn(binary, flags, { stdio: ["ignore", "ignore", "inherit"] });
  process.once("exit", () => child.kill("SIGKILL"));
  await untilListening(port);
  return {
    port,
    stat: async (name) => {
      const text = await (
        await fetch(`http://127.0.0.1:${admin}/stats?filter=${encodeURIComponent(`^${name}$`)}`)
      ).text();
      return Number(text.slice(text.indexOf(": ") + 2).trim() || 0);
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function configOf(ports: { port: number; admin: number; service: number; recorder: number }): object {
  const address = (port: number) => ({ socket_address: { address: "127.0.0.1", port_value: port } });
  const types = "type.googleapis.com/envoy.extensions.filters";
  const told = envoyConfigFor({ tells: "ext-proc", host: "127.0.0.1", port: ports.recorder }) as {
    http_filters: object[];
    clusters: object[];
  };
  const router = { name: "envoy.filters.http.router", typed_config: { "@type": `${types}.http.router.v3.Router` } };
  const routes = [{ match: { prefix: "/" }, route: { cluster: "service" } }];
  const manager = {
    "@type": `${types}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "bench",
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
    http_filters: [...told.http_filters, router],
  };
  const filters = [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }];
  const endpoints = [{ lb_endpoints: [{ endpoint: { address: address(ports.service) } }] }];
  const service = { name: "service", type: "STATIC", load_assignment: { cluster_name: "service", endpoints } };
  return {
    admin: { address: address(ports.admin) },
    static_resources: {
      listeners: [{ name: "in", address: address(ports.port), filter_chains: [{ filters }] }],
      clusters: [service, ...told.clusters],
    },
  };
}
