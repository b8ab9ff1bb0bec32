/**
 * Fields whose value says when, where and by which hops a message travelled, not what the service answered. They are
 * known by exact name, never by part of one: a rule that ignores "date" must not ignore `x-candidate-id`.
 */

const tracing = [
  "b3",
  "baggage",
  "correlation-context",
  "grpc-trace-bin",
  "request-id",
  "sentry-trace",
  "traceparent",
  "tracestate",
  "x-amzn-requestid",
  "x-amzn-trace-id",
  "x-b3-flags",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-spanid",
  "x-b3-traceid",
  "x-cloud-trace-context",
  "x-correlation-id",
  "x-datadog-origin",
  "x-datadog-parent-id",
  "x-datadog-sampling-priority",
  "x-datadog-trace-id",
  "x-ot-span-context",
  "x-request-id",
];

const forwarding = [
  "forwarded",
  "via",
  "x-envoy-attempt-count",
  "x-envoy-decorator-operation",
  "x-envoy-downstream-service-cluster",
  "x-envoy-downstream-service-node",
  "x-envoy-expected-rq-timeout-ms",
  "x-envoy-external-address",
  "x-envoy-internal",
  "x-envoy-original-path",
  "x-envoy-peer-metadata",
  "x-envoy-peer-metadata-id",
  "x-forwarded-client-cert",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-real-ip",
];

/**
 * Of answers. `etag`, `x-csrf-token`, `idempotency-key` and `authorization` are left out on purpose: in an answer they
 * assert something. Lower case.
 */
export const volatileResponseFields: ReadonlySet<string> = new Set([
  ...tracing,
  ...forwarding,
  "age",
  "alt-svc",
  "date",
  "server",
  "server-timing",
  "x-envoy-degraded",
  "x-envoy-immediate-health-check-fail",
  "x-envoy-overloaded",
  "x-envoy-ratelimited",
  "x-envoy-upstream-canary",
  "x-envoy-upstream-healthchecked-cluster",
  "x-envoy-upstream-service-time",
  "x-response-time",
  "x-runtime",
]);

/** Of requests: a fresh trace and the hops of this replay take their place. Lower case. */
export const volatileRequestFields: ReadonlySet<string> = new Set([...tracing, ...forwarding, "date"]);
