import tls from "node:tls";
import { hostOf, serverNameOf } from "../authority.js";

/** Whom to trust and what to show where a target is https: contents in PEM. */
export interface TargetTls {
  /** Who may have signed the targets' certificates; without it, who Node trusts. */
  ca?: string;
  /** Our own certificate, and its key, where a target asks for one. */
  cert?: string;
  key?: string;
}

/** How a connection to an origin is secured. Certificates are verified always. */
export type SecureOptions = Pick<tls.ConnectionOptions, "secureContext" | "servername">;

const unsecured: SecureOptions = {};

/**
 * Makes the function that gives what TLS with an origin needs for requests to an authority; nothing for http. The name that
 * is asked for, and that the certificate must hold, is that of {@link serverNameOf}; empty where there is none, so that no
 * client looks for another: then the certificate must hold the address. One context for all connections: to read the
 * certificates again for each would take longer than the handshake.
 */
export function securing(origin: string, pem: TargetTls = {}): (authority: string) => SecureOptions {
  if (!origin.startsWith("https:")) return () => unsecured;
  const { ca, cert, key } = pem;
  const hostname = hostOf(new URL(origin).host);
  const shared =
    ca === undefined && cert === undefined ? {} : { secureContext: tls.createSecureContext({ ca, cert, key }) };
  return (authority) => ({ servername: serverNameOf(hostname, authority) ?? "", ...shared });
}
