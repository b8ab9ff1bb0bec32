import { firstValue } from "../message/index.js";
import type { Answer } from "../tape/index.js";

/**
 * Whether a lane shows that it works as what was recorded did: it answers with the recorded status class. Two versions
 * that both answer 404 agree about nothing. Where no status was recorded (a mirror, a failed call), 1xx to 3xx is alive.
 */
export function isLive(recorded: Answer, actual: Answer): boolean {
  const expected = statusClass(recorded);
  const seen = statusClass(actual);
  if (seen === undefined) return false;
  return expected === undefined ? isServed(actual) : seen === expected;
}

/** Whether an answer serves what was asked for: 1xx to 3xx, gRPC's 0. */
export function isServed(answer: Answer): boolean {
  const seen = statusClass(answer);
  return seen !== undefined && seen <= 3;
}

/** First digit of the status, undefined where there is none. gRPC says it in `grpc-status` under an HTTP 200. */
function statusClass(answer: Answer): number | undefined {
  if (answer.kind === "failure" || answer.kind === "unknown") return undefined;
  const grpc = answer.kind === "response" ? grpcStatus(answer) : undefined;
  return grpc === undefined ? Math.floor(answer.status / 100) : grpcClass(grpc);
}

/** In the trailers, or in the head of an answer that has nothing else (gRPC over HTTP/2, "Trailers-Only"). */
function grpcStatus(answer: Answer & { kind: "response" }): number | undefined {
  const text = firstValue(answer.trailers, "grpc-status") ?? firstValue(answer.headers, "grpc-status");
  return text === undefined ? undefined : Number(text);
}

/**
 * Codes that are the caller's doing as 4xx (cancelled, invalid argument, not found, already exists, permission denied,
 * failed precondition, aborted, out of range, unauthenticated), the others as 5xx: googleapis' own mapping to HTTP in
 * google/rpc/code.proto, by first digit.
 */
function grpcClass(code: number): number {
  if (code === 0) return 2;
  return [1, 3, 5, 6, 7, 8, 9, 10, 11, 16].includes(code) ? 4 : 5;
}
