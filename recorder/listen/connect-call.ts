import type { IncomingMessage } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { TunnelCall } from "../mode.js";
import type { CallHead } from "./call-head.js";

/** CONNECT over HTTP/1: the connection becomes the tunnel. */
export function connectTunnel(request: IncomingMessage, socket: Socket, head: Buffer): TunnelCall {
  return {
    authority: request.url!,
    client: socket,
    head,
    accept: () => void socket.write("HTTP/1.1 200 Connection Established\r\n\r\n"),
    refuse: (status, text) => {
      const fields = `content-type: text/plain\r\ncontent-length: ${text.length}\r\nconnection: close\r\n`;
      socket.end(`HTTP/1.1 ${status} Refused\r\n${fields}\r\n${text}`);
    },
  };
}

/** CONNECT over HTTP/2 (RFC 9113, section 8.5): the stream becomes the tunnel. */
export function connectStream({ authority }: CallHead, stream: ServerHttp2Stream): TunnelCall {
  return {
    authority,
    client: stream,
    head: Buffer.alloc(0),
    accept: () => stream.respond({ ":status": 200 }),
    refuse: (status, text) => {
      stream.respond({ ":status": status, "content-type": "text/plain" });
      stream.end(text);
    },
  };
}
