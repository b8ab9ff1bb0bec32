import type { PeerCertificate } from "node:tls";

/** What of a client's certificate names it. */
type Named = Partial<Pick<PeerCertificate, "subject" | "subjectaltname">>;

/**
 * Who a client's certificate names: the service account of a mesh identity as `name.namespace`, else its first URI, else
 * its first DNS name, else the common name of its subject. Undefined without a certificate.
 */
export function certificateName({ subject, subjectaltname = "" }: Named): string | undefined {
  const uri = nameOf("URI", subjectaltname);
  const account = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/i.exec(uri ?? "");
  if (account !== null) return `${account[2]}.${account[1]}`;
  return uri ?? nameOf("DNS", subjectaltname) ?? [subject?.CN].flat()[0];
}

/** Node writes them as `URI:spiffe://…, DNS:…`; a name that holds a comma is in quotes. */
function nameOf(kind: "URI" | "DNS", names: string): string | undefined {
  const found = new RegExp(`(?:^|, )${kind}:("(?:[^"\\\\]|\\\\.)*"|[^,]+)`).exec(names)?.[1];
  return found?.startsWith('"') ? (JSON.parse(found) as string) : found;
}
