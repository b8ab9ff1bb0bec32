/** One gRPC message with its five bytes before it: not compressed, length as 32 bits, big end first. */
export function grpcFrame(message: Buffer): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The message of a body that holds exactly one, uncompressed. */
export function grpcMessage(body: Buffer): Buffer {
  if (body.length < 5 || body[0] !== 0 || body.readUInt32BE(1) !== body.length - 5) {
    throw new Error(`not one uncompressed gRPC message: ${body.toString("hex")}`);
  }
  return body.subarray(5);
}
