import net from "node:net";
import type tls from "node:tls";

/** What TLS towards a service needs: contents in PEM, not file names. */
export interface UpstreamTls {
  /** Who may have signed the service's certificate; without it, who Node trusts. */
  ca?: string;
  /** Our own certificate, and its key, where the service asks for one. */
  cert?: string;
  key?: string;
  /** The name that is asked for (SNI) and that the certificate must hold; without it the host of the URL. */
  serverName?: string;
}

/** Where a service is. */
export interface UpstreamAddress {
  url: URL;
  /** Without the brackets of an IPv6 address. */
  hostname: string;
  port: number;
  /** Whether a connection that was made leads back to this recorder, whatever name it was made by. */
  leadsBack?: (socket: net.Socket) => boolean;
  /** Where the URL says `https`. */
  tls?: tls.ConnectionOptions;
}

export function upstreamAddress(url: URL, secure: UpstreamTls = {}): UpstreamAddress {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  if (url.protocol !== "https:") return { url, hostname, port: Number(url.port || 80) };
  const { serverName = hostname, ...pem } = secure;
  // An address is no name that can be asked for (RFC 6066, section 3); the certificate is checked against it all the
  // same. Left undefined, Node would ask for what stands in the request's Host.
  const servername = net.isIP(serverName) === 0 ? serverName : "";
  return { url, hostname, port: Number(url.port || 443), tls: { ...pem, servername } };
}
