import http from "node:http";
import https from "node:https";
import { reasonOf } from "../../base/index.js";
import { headerListFromRaw } from "../../message/index.js";
import type { AnswerCollector } from "./answer-collector.js";
import { failureReasonOf } from "./failure-reason.js";
import type { SecureOptions } from "./secure.js";
import { type Transport, UnsendableRequest } from "./transport.js";
import { allFields, isChunked, type WireRequest } from "./wire-request.js";

/**
 * HTTP/1.1 through node:http, for what undici cannot send: request trailers, and targets that are no path
 * (`OPTIONS *`). A connection each: these are rare, and a fresh one cannot be stale.
 */
export function openHttp1Plain(
  origin: string,
  options: { secure: SecureOptions; onTrouble: (thrown: unknown) => void },
): Transport {
  const client = origin.startsWith("https:") ? https : http;
  const { hostname, port } = new URL(origin);
  const live = new Set<http.ClientRequest>();

  const start = (request: WireRequest) => {
    try {
      return client.request({
        host: hostname.replace(/^\[|\]$/g, ""),
        port: port || undefined,
        method: request.method,
        path: request.path,
        headers: [...hostAndFraming(request), ...allFields(request)] as unknown as http.OutgoingHttpHeaders,
        agent: false,
        maxHeaderSize: 1 << 20,
        ...options.secure,
      });
    } catch (thrown) {
      throw new UnsendableRequest(reasonOf(thrown), { cause: thrown });
    }
  };

  return {
    send(request, collector) {
      const outgoing = start(request);
      live.add(outgoing);
      outgoing.once("close", () => live.delete(outgoing));
      listen(outgoing, collector, options.onTrouble);
      if (request.trailers.length > 0) outgoing.addTrailers(pairsOf(request.trailers));
      outgoing.end(request.body);
      return () => outgoing.destroy();
    },
    async close() {
      for (const outgoing of live) outgoing.destroy();
    },
  };
}

function listen(outgoing: http.ClientRequest, collector: AnswerCollector, onTrouble: (thrown: unknown) => void): void {
  const broke = (thrown: unknown) => {
    onTrouble(thrown);
    collector.broke(failureReasonOf(thrown));
  };
  outgoing.once("socket", (socket) => {
    if (socket.connecting) socket.once("connect", () => collector.written());
    else collector.written();
  });
  outgoing.on("error", broke);
  outgoing.once("response", (incoming) => {
    collector.head(incoming.statusCode!, headerListFromRaw(incoming.rawHeaders));
    incoming.on("data", (piece: Buffer) => collector.piece(piece));
    incoming.once("end", () => collector.complete(headerListFromRaw(incoming.rawTrailers)));
    incoming.on("error", broke);
    incoming.once("close", () => {
      if (!incoming.complete) collector.broke("reset");
    });
  });
}

function hostAndFraming(request: WireRequest): string[] {
  return ["host", request.authority, ...framingOf(request)];
}

/** Trailers need chunked framing (RFC 9112, section 7.1.2). */
function framingOf(request: WireRequest): string[] {
  const { body, trailers } = request;
  if (trailers.length > 0) return ["transfer-encoding", "chunked", "trailer", namesOf(trailers)];
  if (isChunked(request)) return ["transfer-encoding", "chunked"];
  return body === undefined ? [] : ["content-length", String(body.length)];
}

function namesOf(flat: readonly string[]): string {
  return [...new Set(flat.filter((_, at) => at % 2 === 0))].join(", ");
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length >> 1 }, (_, at) => [flat[2 * at]!, flat[2 * at + 1]!]);
}
