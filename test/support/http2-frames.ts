/** HTTP/2 as bytes, for what no client would send. */

export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
export const headersFrame = 1;
export const dataFrame = 0;
export const endStream = 1;
export const endHeaders = 4;

/** RFC 9113, section 4.1. */
export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Literal fields without indexing, no Huffman (RFC 7541, section 6.2.2); names and values below 127 bytes. */
export function fields(named: Record<string, string> | readonly (readonly [string, string])[]): Buffer {
  const pieces = (Array.isArray(named) ? named : Object.entries(named)).flatMap(([name, value]) => [
    Buffer.from([0, name.length]),
    Buffer.from(name, "latin1"),
    Buffer.from([value.length]),
    Buffer.from(value, "latin1"),
  ]);
  return Buffer.concat(pieces);
}

export function head(method: string, path: string, more: Record<string, string> = {}): Buffer {
  return fields({ ":method": method, ":scheme": "http", ":authority": "a", ":path": path, ...more });
}
