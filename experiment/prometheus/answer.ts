/** One series at one moment. */
export interface Sample {
  /** NaN where it has no number. */
  value: number;
  /** `{job="shop", instance="…"}`; absent for a scalar. */
  of?: string;
}

/** What Prometheus answered to an instant query. */
export type QueryAnswer =
  | { kind: "samples"; samples: readonly Sample[] }
  /** Nothing can be known from it: empty, no number, of a type without one value, or an error of the server. */
  | { kind: "unknown"; why: string }
  /** The query itself is wrong; in Prometheus' own words. */
  | { kind: "refused"; words: string };

/** Reads the answer of `/api/v1/query` (Prometheus HTTP API, "Instant queries"). */
export function parseQueryAnswer(status: number, text: string): QueryAnswer {
  const body = parsed(text);
  if (body?.status === "error") {
    const words = String(body.error ?? "no reason given");
    if (body.errorType === "bad_data") return { kind: "refused", words };
    return { kind: "unknown", why: `Prometheus could not answer: ${words}` };
  }
  if (status !== 200 || body?.status !== "success") {
    return { kind: "unknown", why: `no answer of a Prometheus: status ${status}` };
  }
  const { resultType, result } = (body.data ?? {}) as { resultType?: unknown; result?: unknown };
  switch (resultType) {
    case "scalar":
      return fromSamples([{ value: result }]);
    case "vector":
      return fromSamples(Array.isArray(result) ? result : []);
    default:
      return {
        kind: "unknown",
        why: `the query gives a ${String(resultType)}; it must give a scalar or an instant vector`,
      };
  }
}

function fromSamples(series: readonly { metric?: Record<string, string>; value?: unknown }[]): QueryAnswer {
  if (series.length === 0) return { kind: "unknown", why: "the result is empty" };
  const samples = series.map(({ metric, value: written }): Sample => {
    const value = Array.isArray(written) ? numberOf(String(written[1])) : Number.NaN;
    return metric === undefined ? { value } : { value, of: inBraces(metric) };
  });
  return { kind: "samples", samples };
}

function numberOf(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  return text.trim() === "" ? Number.NaN : Number(text);
}

function inBraces({ __name__: name = "", ...labels }: Record<string, string>): string {
  const inside = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return inside.length === 0 && name !== "" ? name : `${name}{${inside.join(", ")}}`;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
