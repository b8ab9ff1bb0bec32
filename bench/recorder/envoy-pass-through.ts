import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The path of an Envoy, installed into `.cache` on first need; undefined where it cannot be had. */
export function envoyBinary(): string | undefined {
  const script = fileURLToPath(new URL("../../../scripts/get-envoy.mjs", import.meta.url));
  try {
    return execFileSync(process.execPath, [script], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
  } catch {
    return undefined;
  }
}

/** Flags of an Envoy with one worker that passes everything on to a port, without logs, retries or tracing. */
export function envoyFlags(ports: { listen: number; upstream: number }): string[] {
  const file = join(mkdtempSync(join(tmpdir(), "tapeloop-bench-")), "envoy.json");
  writeFileSync(file, JSON.stringify(config(ports)));
  return ["-c", file, "--concurrency", "1", "--use-dynamic-base-id", "--disable-hot-restart", "-l", "error"];
}

function config({ listen, upstream }: { listen: number; upstream: number }): unknown {
  const address = (port: number) => ({ socket_address: { address: "127.0.0.1", port_value: port } });
  const types = "type.googleapis.com/envoy.extensions.filters";
  const router = { name: "envoy.filters.http.router", typed_config: { "@type": `${types}.http.router.v3.Router` } };
  const manager = {
    "@type": `${types}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "bench",
    route_config: {
      virtual_hosts: [
        { name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: "service" } }] },
      ],
    },
    http_filters: [router],
  };
  const filters = [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }];
  const endpoints = [{ lb_endpoints: [{ endpoint: { address: address(upstream) } }] }];
  return {
    static_resources: {
      listeners: [{ name: "in", address: address(listen), filter_chains: [{ filters }] }],
      clusters: [{ name: "service", type: "STATIC", load_assignment: { cluster_name: "service", endpoints } }],
    },
  };
}
