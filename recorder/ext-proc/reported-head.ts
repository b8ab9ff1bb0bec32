import type { MonotonicMs } from "../../base/index.js";
import type { CapturedBeside, Protocol } from "../../tape/index.js";
import { type CallHead, readFieldTraits } from "../listen/call-head.js";
import type { Attributes } from "./processing-message.js";

/** What the gRPC stream itself says, beside its messages. */
export interface StreamOrigin {
  /** Address of the Envoy that opened it. */
  peer: string;
  /** Of the trace that Envoy began, where the request carries none yet: it is told downstream only. */
  traceparent?: string;
  /** Its label, where its filter has one. */
  hop?: string;
}

const protocolOf: Readonly<Record<string, Protocol>> = {
  "HTTP/1.0": "http/1.0",
  "HTTP/1.1": "http/1.1",
  "HTTP/2": "h2",
  "HTTP/3": "h2",
};

/** The head of a request as Envoy reports it. Who called is what Envoy knows of its own connection. */
export function reportedHead(
  fields: readonly string[],
  attributes: Attributes,
  { peer }: StreamOrigin,
  startedMs: MonotonicMs,
): CallHead {
  const pseudo = { ":method": "", ":scheme": "http", ":authority": "", ":path": "", ":protocol": "" };
  let at = 0;
  for (; at + 1 < fields.length && fields[at]!.startsWith(":"); at += 2) {
    pseudo[fields[at] as keyof typeof pseudo] = fields[at + 1]!;
  }
  const headers = fields.slice(at);
  const { authority, ...traits } = readFieldTraits(headers);
  return {
    connection: {
      id: connectionOf(attributes, peer),
      client: withoutPort(textOf(attributes, "source.address")) ?? peer,
    },
    startedMs,
    protocol: protocolOf[textOf(attributes, "request.protocol") ?? ""] ?? "http/1.1",
    method: pseudo[":method"],
    scheme: pseudo[":scheme"],
    authority: pseudo[":authority"] || authority,
    path: pseudo[":path"] || pseudo[":authority"],
    headers,
    isAbsolute: false,
    ...traits,
  };
}

/** What the attributes and the stream say of a call beside its messages; undefined for nothing. */
export function besideOf(attributes: Attributes, { traceparent, hop }: StreamOrigin): CapturedBeside | undefined {
  const caller = workloadOf(textOf(attributes, "connection.uri_san_peer_certificate"));
  if (caller === undefined && traceparent === undefined && hop === undefined) return undefined;
  return {
    ...(caller !== undefined && { caller }),
    ...(traceparent !== undefined && { traceparent }),
    ...(hop !== undefined && { hop }),
  };
}

/** Envoy's number of the connection is unique within that Envoy; where it listens tells Envoys apart. */
function connectionOf(attributes: Attributes, peer: string): string {
  const at = textOf(attributes, "destination.address") ?? peer;
  const number = attributes["connection.id"] ?? textOf(attributes, "source.address") ?? "?";
  return `${number}@${at}`;
}

/** `spiffe://cluster.local/ns/shop/sa/reviews` → `reviews.shop`; the account `default` names nobody. */
function workloadOf(uri: string | undefined): string | undefined {
  const [, namespace, account] = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)/.exec(uri ?? "") ?? [];
  return account === undefined || account === "default" ? undefined : `${account}.${namespace}`;
}

/** `127.0.0.1:80` → `127.0.0.1`, `[::1]:80` → `::1`. */
function withoutPort(address: string | undefined): string | undefined {
  return address === undefined ? undefined : address.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
}

function textOf(attributes: Attributes, name: string): string | undefined {
  const value = attributes[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}
