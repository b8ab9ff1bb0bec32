import { tellingHeaders } from "../sighting/telling-headers.js";
import { traceContextOf } from "../sighting/trace-context.js";

/** What a call belongs to, as far as its head says. */
export interface TraceIdentifiers {
  traceId?: string;
  requestId?: string;
}

/** Which identifier decides about a trace: `trace` is the trace-id where there is one, else the x-request-id. */
export const sampleKeys = ["trace", "request-id"] as const;
export type SampleKey = (typeof sampleKeys)[number];

/** Hex digits at the end of an x-request-id that decide; a share is taken in steps of one in 65,536. */
export const drawDigits = 4;
export const drawSteps = 16 ** drawDigits;

const endsInHex = /[0-9a-f]{4}$/i;

/**
 * The draw of a trace, from 0 (included) to 1: the same at every hop and in every recorder, so that `draw < 0.1` keeps
 * whole traces. Undefined when nothing names the trace.
 *
 * Of an x-request-id it is the last four hex digits: they are random in what Envoy and nearly everyone else makes (UUIDs of
 * version 4 and 7), a tracing Envoy changes the 15th character alone, and a regular expression in a route can compare them
 * (`sampleMatch` of the recorder). Trace-ids, and x-request-ids that do not end so, are hashed: parts of them may be times or
 * counters.
 */
export function drawOfTrace({ traceId, requestId }: TraceIdentifiers, key: SampleKey = "trace"): number | undefined {
  if (key === "trace" && traceId !== undefined) return hashed(traceId.toLowerCase());
  if (requestId === undefined) return undefined;
  if (endsInHex.test(requestId)) return Number.parseInt(requestId.slice(-drawDigits), 16) / drawSteps;
  return hashed(withoutVersion(requestId));
}

/** As {@link drawOfTrace}, from a request's headers in Node's flat form. */
export function drawOfHeaders(headers: readonly string[], key: SampleKey): number | undefined {
  return drawOfTrace(traceContextOf(tellingHeaders(headers)), key);
}

/** A draw for a call that nothing names. */
export function drawOfCall(incarnation: string, sequence: number): number {
  return hashed(`${incarnation} ${sequence}`);
}

/** A tracing Envoy rewrites the 15th character (the version of a UUID). */
function withoutVersion(requestId: string): string {
  return `${requestId.slice(0, 14)}*${requestId.slice(15)}`;
}

/** FNV-1a over the UTF-16 units, then the finalizer of MurmurHash3, which spreads the last characters over all bits. */
function hashed(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
