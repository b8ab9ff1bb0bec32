import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

/**
 * The headers an application must copy from the request it got to the requests it makes, so that the calls of one user
 * request can be joined: Istio's list ("Distributed Tracing", task pages), W3C Trace Context and Baggage, B3, OpenTracing,
 * and the marks of a replayed request.
 */
const names = new Set([
  "x-request-id",
  "traceparent",
  "tracestate",
  "baggage",
  "b3",
  "x-b3-traceid",
  "x-b3-spanid",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-flags",
  "x-ot-span-context",
  "x-cloud-trace-context",
  "user-agent",
]);
const prefix = "x-tapeloop-";

/** Those of a request's headers that are passed on to the services it calls. */
export function propagatedHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const kept = Object.entries(headers).filter(([name]) => names.has(name) || name.startsWith(prefix));
  return Object.fromEntries(kept) as OutgoingHttpHeaders;
}
