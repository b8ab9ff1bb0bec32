import type { Socket } from "node:net";
import tls from "node:tls";

/** What a port shows to its clients: contents in PEM, not file names. */
export interface ListenTls {
  cert: string;
  key: string;
  /** Who must have signed the certificate of each client; without it clients need none. */
  clientCa?: string;
}

/** Takes connections whose first byte is that of TLS, and gives those whose handshake succeeds. */
export class SecureServer {
  readonly #server: tls.Server;

  /** @param failed the handshake did not succeed: no certificate that we trust, no protocol in common, or no TLS after all */
  constructor(pem: ListenTls, withinMs: number, parts: { taken: (socket: tls.TLSSocket) => void; failed: () => void }) {
    const requestCert = pem.clientCa !== undefined;
    this.#server = tls.createServer({
      ...contextOf(pem),
      requestCert,
      rejectUnauthorized: requestCert,
      ALPNProtocols: ["h2", "http/1.1"],
      handshakeTimeout: withinMs,
    });
    this.#server.on("secureConnection", parts.taken);
    this.#server.on("tlsClientError", (_error, socket) => {
      parts.failed();
      socket.destroy();
    });
  }

  take(socket: Socket): void {
    this.#server.emit("connection", socket);
  }

  /** For connections to come. Throws what OpenSSL says of a key that is not the certificate's. */
  renew(pem: ListenTls): void {
    this.#server.setSecureContext(contextOf(pem));
  }
}

function contextOf({ cert, key, clientCa }: ListenTls): tls.SecureContextOptions {
  return clientCa === undefined ? { cert, key } : { cert, key, ca: clientCa };
}
