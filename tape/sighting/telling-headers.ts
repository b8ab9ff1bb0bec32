/** Headers that say who called whom within which trace; the first of each, as it came. */
export interface TellingHeaders {
  traceparent?: string;
  requestId?: string;
  /** B3 in one field: `trace-span-sampled-parent`. */
  b3?: string;
  b3TraceId?: string;
  b3SpanId?: string;
  b3ParentSpanId?: string;
  /** The calling Envoy's node.cluster, where `add_user_agent` is on. */
  callingCluster?: string;
  /** X-Forwarded-Client-Cert, as Envoy writes it. */
  clientCertificate?: string;
  /** What Istio's proxies tell each other of themselves: base64 of a protobuf Struct. */
  peerMetadata?: string;
  /** The calling proxy's node id: `sidecar~address~pod.namespace~domain`. */
  peerMetadataId?: string;
  /** The label that a mirror rule puts on the copies it makes. */
  hop?: string;
  /** Which try of the call this is, where Envoy counts them. */
  attempt?: string;
}

const fieldOf: ReadonlyMap<string, keyof TellingHeaders> = new Map([
  ["traceparent", "traceparent"],
  ["x-request-id", "requestId"],
  ["b3", "b3"],
  ["x-b3-traceid", "b3TraceId"],
  ["x-b3-spanid", "b3SpanId"],
  ["x-b3-parentspanid", "b3ParentSpanId"],
  ["x-envoy-downstream-service-cluster", "callingCluster"],
  ["x-forwarded-client-cert", "clientCertificate"],
  ["x-envoy-peer-metadata", "peerMetadata"],
  ["x-envoy-peer-metadata-id", "peerMetadataId"],
  ["x-tapeloop-hop", "hop"],
  ["x-envoy-attempt-count", "attempt"],
]);
const longestName = Math.max(...Array.from(fieldOf.keys(), (name) => name.length));
/** By length: most names are told apart from these without being lower-cased. */
const hasLength: readonly boolean[] = Array.from({ length: longestName + 1 }, (_, length) =>
  [...fieldOf.keys()].some((name) => name.length === length),
);

/** Finds them in headers of Node's flat form. Made for the writing thread: every Exchange passes here. */
export function tellingHeaders(flat: readonly string[]): TellingHeaders {
  const found: TellingHeaders = {};
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const name = flat[at]!;
    if (!hasLength[name.length]) continue;
    const field = fieldOf.get(name.toLowerCase());
    if (field !== undefined) found[field] ??= flat[at + 1]!;
  }
  return found;
}
