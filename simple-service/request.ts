import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** A request read whole. */
export interface ServiceRequest {
  method: string;
  /** Without the query, as sent. */
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Reads a request to its end. Rejects when the client leaves before. */
export async function readRequest(incoming: IncomingMessage): Promise<ServiceRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  const target = incoming.url ?? "/";
  const queryAt = target.indexOf("?");
  return {
    method: incoming.method ?? "GET",
    path: queryAt < 0 ? target : target.slice(0, queryAt),
    query: new URLSearchParams(queryAt < 0 ? "" : target.slice(queryAt + 1)),
    headers: incoming.headers,
    body: Buffer.concat(pieces),
  };
}

/** The first value of a header; the name in lower case. */
export function headerOf(request: ServiceRequest, lowerName: string): string | undefined {
  const value = request.headers[lowerName];
  return Array.isArray(value) ? value[0] : value;
}

/** What tells this request from others when chance is drawn: its x-request-id, else its method, path and query. */
export function identityOf(request: ServiceRequest): string {
  return headerOf(request, "x-request-id") ?? `${request.method} ${request.path}?${request.query}`;
}
