import { writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";
import { type Duplex, pipeline } from "node:stream";
import type { TestContext } from "node:test";
import { KubeConfig } from "@kubernetes/client-node";
import { listenOnLoopback } from "./loopback.js";
import { tempFolder } from "./temp.js";

/** The API server with somebody before it who may do things between a request's arrival there and its answer. */
export interface MeddlingApi {
  /** For a client to go through it. */
  kubeconfig: string;
  /** Requests so far, as `PUT /apis/…`. */
  readonly calls: readonly string[];
}

/** When the API server is to be meddled with. */
export interface Meddling {
  /** The request has not been passed on yet. */
  before?: (call: string, number: number) => Promise<void> | void;
  /** The API server has done it, and its answer has not been passed back: false keeps it back for good. */
  after?: (call: string, number: number) => Promise<boolean> | boolean;
}

/**
 * Stands before the cluster of a kubeconfig, on loopback, and signs in as that does. Calls are numbered from 1. Connections
 * to pods' ports are passed on as they are.
 */
export async function startMeddlingApi(t: TestContext, realConfig: string, meddling: Meddling): Promise<MeddlingApi> {
  const config = new KubeConfig();
  config.loadFromFile(realConfig);
  const real = new URL(config.getCurrentCluster()!.server);
  const calls: string[] = [];
  const server = http.createServer((request, response) => {
    const call = `${request.method} ${request.url}`;
    const number = calls.push(call);
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", async () => {
      await meddling.before?.(call, number);
      const signed: https.RequestOptions = {};
      await config.applyToHTTPSOptions(signed);
      const headers = { ...request.headers, ...(signed.headers as http.OutgoingHttpHeaders), host: real.host };
      const options = { ...signed, method: request.method!, headers };
      const asked = https.request(new URL(request.url!, real), options, (answer) => {
        const body: Buffer[] = [];
        answer.on("data", (piece: Buffer) => body.push(piece));
        answer.on("end", async () => {
          if ((await meddling.after?.(call, number)) === false) return;
          response.writeHead(answer.statusCode!, { "content-type": "application/json" }).end(Buffer.concat(body));
        });
      });
      asked.on("error", () => response.destroy());
      asked.end(Buffer.concat(pieces));
    });
  });
  server.on("upgrade", async (request, socket, head) => {
    calls.push(`${request.method} ${request.url}`);
    const signed: https.RequestOptions = {};
    await config.applyToHTTPSOptions(signed);
    const headers = { ...request.headers, ...(signed.headers as http.OutgoingHttpHeaders), host: real.host };
    const asked = https.request(new URL(request.url!, real), { ...signed, headers });
    asked.on("error", () => socket.destroy());
    asked.on("response", ({ statusCode }) => socket.end(`HTTP/1.1 ${statusCode} Refused\r\n\r\n`));
    asked.on("upgrade", (answer, upstream: Duplex, first) => {
      socket.write(`${headOf(answer)}\r\n`);
      upstream.unshift(first);
      socket.unshift(head);
      for (const end of [socket, upstream]) t.after(() => end.destroy());
      pipeline(socket, upstream, socket, () => {});
    });
    asked.end();
  });
  t.after(() => server.closeAllConnections());
  const port = await listenOnLoopback(t, server);
  const kubeconfig = join(tempFolder(t), "kubeconfig");
  writeFileSync(kubeconfig, JSON.stringify(configFor(`http://127.0.0.1:${port}`)));
  return { kubeconfig, calls };
}

function headOf({ statusCode, statusMessage, rawHeaders }: http.IncomingMessage): string {
  const fields = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? `${name}: ${rawHeaders[at + 1]}\r\n` : []));
  return `HTTP/1.1 ${statusCode} ${statusMessage}\r\n${fields.join("")}`;
}

/** JSON is YAML. */
function configFor(server: string): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "meddled", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "tester", user: {} }],
    contexts: [{ name: "meddled", context: { cluster: "meddled", user: "tester" } }],
    "current-context": "meddled",
  };
}
