import type { TraceContext } from "../exchange.js";
import type { TellingHeaders } from "./telling-headers.js";

// W3C Trace Context, section 3.2.2: version, trace-id, parent-id, flags; later versions may append more.
const traceparentForm = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-|$)/;

/** What a request's headers say of the trace it belongs to. A `traceparent` that is malformed says nothing. */
export function traceContextOf({ traceparent, requestId }: TellingHeaders): TraceContext {
  const trace: TraceContext = {};
  const found = traceparent === undefined ? undefined : traceparentForm.exec(traceparent);
  if (found) {
    trace.traceId = found[1]!;
    trace.parentSpanId = found[2]!;
  }
  if (requestId !== undefined) trace.requestId = requestId;
  return trace;
}
