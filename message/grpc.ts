/** One length-prefixed message of a gRPC body ("gRPC over HTTP2", Length-Prefixed-Message). */
export interface GrpcMessage {
  compressed: boolean;
  /** Where the five-byte prefix begins in the body. */
  offset: number;
  /** The message without its prefix; a view into the body. */
  bytes: Uint8Array;
}

export const grpcPrefixBytes = 5;

/**
 * Takes a gRPC body apart: flag (one byte, 0 or 1), length (four bytes, big-endian), message. `restBytes` is what
 * follows the last whole message: 0 for a body that is whole. A flag other than 0 and 1 ends the reading.
 */
export function deframeGrpc(body: Uint8Array): { messages: GrpcMessage[]; restBytes: number } {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const messages: GrpcMessage[] = [];
  let offset = 0;
  while (body.length - offset >= grpcPrefixBytes) {
    const flag = body[offset]!;
    const end = offset + grpcPrefixBytes + view.getUint32(offset + 1);
    if (flag > 1 || end > body.length) break;
    messages.push({ compressed: flag === 1, offset, bytes: body.subarray(offset + grpcPrefixBytes, end) });
    offset = end;
  }
  return { messages, restBytes: body.length - offset };
}

/** A message with its prefix. */
export function frameGrpc(message: Uint8Array, compressed = false): Uint8Array {
  const framed = new Uint8Array(grpcPrefixBytes + message.length);
  framed[0] = compressed ? 1 : 0;
  new DataView(framed.buffer).setUint32(1, message.length);
  framed.set(message, grpcPrefixBytes);
  return framed;
}
