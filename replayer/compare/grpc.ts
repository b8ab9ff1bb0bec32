import { decodeContent, deframeGrpc, firstValue, type GrpcMessage, type Message } from "../../message/index.js";
import type { Difference } from "../../tape/index.js";
import { compareBytes } from "./bytes.js";

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

/**
 * Compares gRPC bodies message by message, each by its bytes, at `body:/0`, `body:/1` …; how many there are is compared
 * as the length of a list. Undefined when a body is not framed as gRPC.
 */
export function compareGrpc(
  expected: Uint8Array,
  actual: Uint8Array,
  from: Message,
  to: Message,
): Difference[] | undefined {
  const left = deframeGrpc(expected);
  const right = deframeGrpc(actual);
  if (left.restBytes > 0 || right.restBytes > 0) return undefined;
  const found: Difference[] = [];
  const sides = { expected: left.messages.length, actual: right.messages.length };
  if (sides.expected !== sides.actual) found.push({ kind: "array-length", place: "body", severity: "high", ...sides });
  for (let at = 0; at < Math.min(sides.expected, sides.actual); at++) {
    const place = { place: `body:/${at}`, grouped: "body:/*" };
    const pair = [decompressed(left.messages[at]!, from), decompressed(right.messages[at]!, to)] as const;
    for (const difference of compareBytes(...pair)) found.push({ ...difference, ...place });
  }
  return found;
}

/** As it was sent, where its coding is unknown or damaged. */
function decompressed(message: GrpcMessage, { headers }: Message): Uint8Array {
  if (!message.compressed) return message.bytes;
  const decoded = decodeContent(message.bytes, firstValue(headers, "grpc-encoding"));
  return decoded.kind === "decoded" ? decoded.bytes : message.bytes;
}
