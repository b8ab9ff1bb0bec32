import { once } from "node:events";
import http from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { TestContext } from "node:test";
import { type ClusterObject, ClusterRefusal } from "../../mesh/index.js";
import { listenOnLoopback } from "./loopback.js";
import { MemoryCluster } from "./memory-cluster.js";

/** A page by its path and query; undefined is a 404. */
export type Pages = (path: string) => string | undefined;

/** A cluster in memory whose pods serve pages, as an Envoy's admin port or a recorder's do. */
export class PodsCluster extends MemoryCluster {
  readonly #ports = new Map<string, number>();
  readonly #t: TestContext;

  constructor(t: TestContext) {
    super();
    this.#t = t;
  }

  /** A running pod, with a sidecar where it serves Envoy's pages. */
  async addPod(
    name: string,
    {
      namespace,
      labels = {},
      sidecar,
      more = {},
    }: { namespace: string; labels?: Record<string, string>; sidecar?: Pages; more?: Record<number, Pages> },
  ): Promise<void> {
    const containers = [{ name: "app" }, ...(sidecar === undefined ? [] : [{ name: "istio-proxy" }])];
    const pod: ClusterObject = {
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace, labels } },
      ...{ spec: { containers }, status: { phase: "Running" } },
    };
    await this.create(pod);
    const all = sidecar === undefined ? more : { ...more, 15000: sidecar };
    for (const [port, pages] of Object.entries(all)) {
      const server = http.createServer((request, response) => {
        const page = pages(request.url!);
        response.writeHead(page === undefined ? 404 : 200).end(page);
      });
      this.#ports.set(`${name}:${port}`, await listenOnLoopback(this.#t, server));
    }
  }

  override async openPort({ pod, port }: Parameters<MemoryCluster["openPort"]>[0]): Promise<Duplex> {
    const at = this.#ports.get(`${pod}:${port}`);
    if (at === undefined) throw new ClusterRefusal(404, `nothing listens on port ${port} of pod ${pod}`);
    const socket = connect(at, "127.0.0.1");
    await once(socket, "connect");
    return socket;
  }
}

/** Envoy's page `/clusters`, as far as it is read: counts of each host of each cluster. */
export function clustersPage(hosts: Readonly<Record<string, Readonly<Record<string, number>>>>): string {
  return Object.entries(hosts)
    .flatMap(([cluster, counts]) =>
      Object.entries(counts).map(([name, value]) => `${cluster}::10.0.0.9:8080::${name}::${value}`),
    )
    .join("\n");
}
