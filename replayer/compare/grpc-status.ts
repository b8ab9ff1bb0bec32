import type { Message } from "../../message/index.js";

const statusFields: ReadonlySet<string> = new Set(["grpc-status", "grpc-message", "grpc-status-details-bin"]);

/**
 * A call that fails at once has its status in the headers ("trailers-only"), else it is in the trailers: the same thing
 * said in two places. Here it is always in the trailers.
 */
export function withGrpcStatusInTrailers<T extends Message>(message: T): T {
  if (!message.headers.some(([name]) => statusFields.has(name.toLowerCase()))) return message;
  const inHeaders = message.headers.filter(([name]) => statusFields.has(name.toLowerCase()));
  const headers = message.headers.filter(([name]) => !statusFields.has(name.toLowerCase()));
  return { ...message, headers, trailers: [...message.trailers, ...inHeaders] };
}
