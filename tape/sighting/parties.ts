import type { Vantage } from "../exchange.js";
import type { TellingHeaders } from "./telling-headers.js";

/** Who called and who was called. */
export interface Parties {
  caller?: string;
  callee: string;
}

/** Where a call was seen, and by a recorder of which service. */
export interface SeenAt {
  vantage: Vantage;
  authority: string;
  service?: string | undefined;
}

/**
 * The callee is the recorder's service, or the authority without its port where the recorder has none or records the
 * calls its service makes. The caller of those is its service; else the calling Envoy's name, else the service account
 * in the client certificate (both as `name.namespace`), where the request carries one.
 */
export function partiesOf(headers: TellingHeaders, { vantage, authority, service }: SeenAt): Parties {
  const outbound = vantage === "outbound";
  const callee = (outbound ? undefined : service) ?? withoutPort(authority);
  const caller = (outbound ? service : undefined) ?? callerIn(headers);
  return caller === undefined ? { callee } : { caller, callee };
}

function withoutPort(authority: string): string {
  return authority.replace(/:[0-9]*$/, "");
}

function callerIn({ callingCluster, clientCertificate }: TellingHeaders): string | undefined {
  if (callingCluster !== undefined && callingCluster !== "") return callingCluster;
  return clientCertificate === undefined ? undefined : serviceAccountIn(clientCertificate);
}

/** The last element is the nearest proxy's client: `By=…;URI=spiffe://cluster.local/ns/shop/sa/reviews`. */
function serviceAccountIn(certificate: string): string | undefined {
  const found = [...certificate.matchAll(/URI="?spiffe:\/\/[^/;,"]+\/ns\/([^/;,"]+)\/sa\/([^/;,"]+)/gi)].at(-1);
  return found && `${found[2]}.${found[1]}`;
}
