import type { TraceContext } from "../exchange.js";
import type { TellingHeaders } from "./telling-headers.js";

// W3C Trace Context, section 3.2.2: version, trace-id, parent-id, flags; later versions may append more.
const traceparentForm = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-|$)/;
/** B3 in one field: trace-span, then whether it is sampled, then the parent; a lone "0" or "1" names no trace. */
const b3Form = /^((?:[0-9a-f]{16}){1,2})-([0-9a-f]{16})(?:-[01d](?:-([0-9a-f]{16}))?)?$/i;
const b3TraceForm = /^(?:[0-9a-f]{16}){1,2}$/i;
const spanForm = /^[0-9a-f]{16}$/i;

/**
 * What a request's headers say of the trace it belongs to: `traceparent`, else B3 (in one field or in several). One that is
 * malformed says nothing.
 */
export function traceContextOf(headers: TellingHeaders): TraceContext {
  const trace: TraceContext = fromTraceparent(headers.traceparent) ?? fromB3(headers) ?? {};
  if (headers.requestId !== undefined) trace.requestId = headers.requestId;
  return trace;
}

function fromTraceparent(traceparent: string | undefined): TraceContext | undefined {
  const found = traceparent === undefined ? undefined : traceparentForm.exec(traceparent);
  return found ? { traceId: found[1]!, parentSpanId: found[2]! } : undefined;
}

function fromB3({ b3, b3TraceId, b3SpanId, b3ParentSpanId }: TellingHeaders): TraceContext | undefined {
  const single = b3 === undefined ? undefined : b3Form.exec(b3);
  if (single) return b3Context(single[1]!, single[2]!, single[3]);
  if (b3TraceId === undefined || !b3TraceForm.test(b3TraceId)) return undefined;
  return b3Context(b3TraceId, matching(b3SpanId), matching(b3ParentSpanId));
}

/** B3 knows trace ids of 64 bits: they are what the longer form ends in. */
function b3Context(traceId: string, spanId: string | undefined, parentSpanId: string | undefined): TraceContext {
  const trace: TraceContext = { traceId: traceId.toLowerCase().padStart(32, "0") };
  if (spanId !== undefined) trace.parentSpanId = spanId.toLowerCase();
  if (parentSpanId !== undefined) trace.grandparentSpanId = parentSpanId.toLowerCase();
  return trace;
}

function matching(span: string | undefined): string | undefined {
  return span !== undefined && spanForm.test(span) ? span : undefined;
}
