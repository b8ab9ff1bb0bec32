import http from "node:http";
import { listenAt } from "../listen/address.js";
import { metricsText, type Vitals } from "./metrics.js";
import type { SegmentPages } from "./segment-pages.js";

/** A running admin port. */
export interface Admin {
  /** The real address. */
  listen: string;
  close(): Promise<void>;
}

/**
 * Serves `/healthz` (the process lives), `/readyz` (503 while it drains; while the tape takes nothing, too, unless calls
 * pass through it: a service must not be taken away for a trouble of ours) and `/metrics`; where
 * the tape may be pulled, the pages under `/tape/`.
 */
export async function openAdmin(address: string, vitals: () => Vitals, segments?: SegmentPages): Promise<Admin> {
  let listen = "";
  const server = http.createServer({ keepAliveTimeout: 0 }, (request, response) => {
    if (segments && request.url?.startsWith("/tape/")) return void segments.serve(request, response, listen);
    const { status, type, text } = page(request.url ?? "/", vitals());
    response.writeHead(status, { "content-type": type }).end(text);
  });
  listen = await listenAt(server, address, "the admin pages");
  return {
    listen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function page(url: string, vitals: Vitals): { status: number; type: string; text: string } {
  const type = "text/plain; charset=utf-8";
  switch (url.split("?")[0]) {
    case "/healthz":
      return { status: 200, type, text: "ok\n" };
    case "/readyz":
      return readiness(vitals);
    case "/metrics":
      return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", text: metricsText(vitals) };
    default:
      return { status: 404, type, text: "see /healthz, /readyz, /metrics\n" };
  }
}

function readiness({ isDraining, isStoreFailing, carriesCalls }: Vitals): {
  status: number;
  type: string;
  text: string;
} {
  const type = "text/plain; charset=utf-8";
  if (isDraining) return { status: 503, type, text: "draining\n" };
  if (isStoreFailing && !carriesCalls) return { status: 503, type, text: "the tape takes nothing\n" };
  if (isStoreFailing) return { status: 200, type, text: "ready, but the tape takes nothing\n" };
  return { status: 200, type, text: "ready\n" };
}
