import type { Vantage } from "../exchange.js";
import { serviceInPeerMetadata, workloadInPeerMetadataId } from "./peer-metadata.js";
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
  /** As the proxy in front of the callee knows the caller. */
  caller?: string | undefined;
}

/**
 * The callee is the recorder's service, or the authority without its port where the recorder has none or records the
 * calls its service makes. The caller of those is its service; else the calling Envoy's name, else what Istio's proxies say
 * of themselves, else the service account in the client certificate (all as `name.namespace`), where the request carries
 * one.
 */
export function partiesOf(headers: TellingHeaders, { vantage, authority, service, caller: known }: SeenAt): Parties {
  const outbound = vantage === "outbound";
  const callee = (outbound ? undefined : service) ?? withoutPort(authority);
  const caller = (outbound ? service : undefined) ?? callerIn(headers, callee) ?? known;
  return caller === undefined ? { callee } : { caller, callee };
}

function withoutPort(authority: string): string {
  return authority.replace(/:[0-9]*$/, "");
}

/**
 * An Envoy in front of the callee that has `add_user_agent` on, too, puts its own name in the place of the caller's: a name
 * that is the callee's gives way to what else there is.
 */
function callerIn(headers: TellingHeaders, callee: string): string | undefined {
  const { callingCluster, clientCertificate, peerMetadata, peerMetadataId } = headers;
  if (callingCluster && firstLabel(callingCluster) !== firstLabel(callee)) return callingCluster;
  return (
    (peerMetadata ? serviceInPeerMetadata(peerMetadata) : undefined) ??
    (clientCertificate ? serviceAccountIn(clientCertificate) : undefined) ??
    (peerMetadataId ? workloadInPeerMetadataId(peerMetadataId) : undefined) ??
    (callingCluster || undefined)
  );
}

function firstLabel(name: string): string {
  return name.split(".", 1)[0]!.toLowerCase();
}

/**
 * The last element is the nearest proxy's client: `By=…;URI=spiffe://cluster.local/ns/shop/sa/reviews`. The account
 * `default` is that of every workload that was given none, so it names nobody.
 */
function serviceAccountIn(certificate: string): string | undefined {
  const found = [...certificate.matchAll(/URI="?spiffe:\/\/[^/;,"]+\/ns\/([^/;,"]+)\/sa\/([^/;,"]+)/gi)].at(-1);
  return found && found[2] !== "default" ? `${found[2]}.${found[1]}` : undefined;
}
