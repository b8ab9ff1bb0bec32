import type { IncomingMessage } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import { type MonotonicMs, replayMarks } from "../../base/index.js";
import type { Protocol } from "../../tape/index.js";
import type { Connection, Peer } from "./connection.js";
import { fieldsLeft, type MaybeLeftAside } from "./upgrade.js";

/** The head of a request as it came, and what the recorder must know of it; read in one pass over the fields. */
export interface CallHead {
  readonly connection: Peer;
  readonly startedMs: MonotonicMs;
  readonly protocol: Protocol;
  readonly method: string;
  readonly scheme: string;
  readonly authority: string;
  /** Path and query; `*` and CONNECT's authority as they are. An absolute target (RFC 9112, section 3.2.2) is taken apart. */
  readonly path: string;
  /** Name, value, name, value …; without HTTP/2's pseudo-fields. */
  readonly headers: readonly string[];
  /** The target named its authority itself, as requests to a proxy do; `authority` is that one, whatever Host says. */
  readonly isAbsolute: boolean;
  /** Bytes of names and values. */
  readonly headerBytes: number;
  /** A body is announced (HTTP/1: RFC 9112, section 6.3). */
  readonly hasBody: boolean;
  readonly isChunked: boolean;
  readonly isGrpc: boolean;
  /** Envoy says so of copies it makes, and of nothing else that leaves it. */
  readonly isEnvoyCopy: boolean;
  /** Sent by a replay of ours. */
  readonly isMarked: boolean;
  /** It says that its body has the length 0. */
  readonly saysEmpty: boolean;
  /** Two Hosts, an Expect, or a transfer coding other than `chunked`. */
  readonly isUnusual: boolean;
  /**
   * A field without a name (RFC 9112, section 5.1), or a body whose last transfer coding is not `chunked` (section 6.3):
   * parsers let them through, or let them through at first.
   */
  readonly isMalformed: boolean;
}

/** What the fields say. */
interface Traits {
  authority: string;
  headerBytes: number;
  hasBody: boolean;
  isChunked: boolean;
  isGrpc: boolean;
  isEnvoyCopy: boolean;
  isMarked: boolean;
  saysEmpty: boolean;
  isUnusual: boolean;
  isMalformed: boolean;
}

/** What a parser of HTTP/1 tells of a request. */
export type ParsedHead = Pick<IncomingMessage, "method" | "url" | "httpVersionMinor" | "rawHeaders"> & MaybeLeftAside;

export function readHttp1Head(request: ParsedHead, connection: Connection, startedMs: MonotonicMs): CallHead {
  const headers = request[fieldsLeft] ?? request.rawHeaders;
  const traits = readFieldTraits(headers);
  const method = request.method!;
  const target = readTarget(method, request.url!, traits.authority, connection.scheme);
  return {
    connection,
    startedMs,
    protocol: request.httpVersionMinor === 0 ? "http/1.0" : "http/1.1",
    method,
    scheme: target.scheme,
    authority: target.authority,
    path: target.path,
    isAbsolute: target.isAbsolute,
    headers,
    headerBytes: traits.headerBytes,
    hasBody: traits.hasBody,
    isChunked: traits.isChunked,
    isGrpc: traits.isGrpc,
    isEnvoyCopy: traits.isEnvoyCopy,
    isMarked: traits.isMarked,
    isUnusual: traits.isUnusual,
    saysEmpty: traits.saysEmpty,
    // RFC 9112, section 6.1: HTTP/1.0 knows no transfer codings, so its framing is faulty.
    isMalformed: traits.isMalformed || (request.httpVersionMinor === 0 && traits.isChunked),
  };
}

/** What an extended CONNECT says by its pseudo-field alone (RFC 8441, section 5). */
const webSocketUpgrade = ["connection", "Upgrade", "upgrade", "websocket"];

/** @param raw fields as nghttp2 gave them, pseudo-fields first (RFC 9113, section 8.3) */
export function readHttp2Head(
  stream: ServerHttp2Stream,
  raw: readonly string[],
  connection: Peer,
  startedMs: MonotonicMs,
): CallHead {
  const pseudo = { ":method": "", ":scheme": "http", ":authority": "", ":path": "", ":protocol": "" };
  let at = 0;
  for (; at < raw.length && raw[at]!.startsWith(":"); at += 2) pseudo[raw[at] as keyof typeof pseudo] = raw[at + 1]!;
  const isWebSocket = pseudo[":protocol"] === "websocket";
  const headers = isWebSocket ? raw.slice(at).concat(webSocketUpgrade) : raw.slice(at);
  const { authority, ...traits } = readFieldTraits(headers);
  return {
    connection,
    startedMs,
    protocol: "h2",
    method: isWebSocket ? "GET" : pseudo[":method"],
    scheme: pseudo[":scheme"],
    authority: pseudo[":authority"] || authority,
    path: pseudo[":path"] || pseudo[":authority"],
    headers,
    isAbsolute: false,
    ...traits,
    hasBody: !stream.readableEnded && !stream.endAfterHeaders,
    isChunked: false,
  };
}

interface Target {
  scheme: string;
  authority: string;
  path: string;
  isAbsolute: boolean;
}

function readTarget(method: string, target: string, host: string, onWire: string): Target {
  if (target.charCodeAt(0) === 47 /* "/" */ || method === "CONNECT" || !target.includes("://")) {
    return { scheme: onWire, authority: method === "CONNECT" ? target : host, path: target, isAbsolute: false };
  }
  const [, scheme, authority, path] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(target) ?? [];
  if (scheme === undefined) return { scheme: onWire, authority: host, path: target, isAbsolute: false };
  const whole = path!.startsWith("/") ? path! : `/${path}`;
  return { scheme: scheme.toLowerCase(), authority: authority!, path: whole, isAbsolute: true };
}

/** Field names are told apart by their length first: most cost one comparison of numbers. */
export function readFieldTraits(headers: readonly string[]): Traits {
  const traits: Traits = {
    authority: "",
    headerBytes: 0,
    hasBody: false,
    isChunked: false,
    isGrpc: false,
    isEnvoyCopy: false,
    isMarked: false,
    isUnusual: false,
    saysEmpty: false,
    isMalformed: false,
  };
  let lastCoding: string | undefined;
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at]!;
    const value = headers[at + 1]!;
    traits.headerBytes += name.length + value.length;
    switch (name.length) {
      case 0:
        traits.isMalformed = true;
        break;
      case 4:
        if (!is(name, "host")) break;
        if (traits.authority !== "") traits.isUnusual = true;
        else traits.authority = value;
        break;
      case 6:
        if (is(name, "expect")) traits.isUnusual = true;
        break;
      case 7:
        if (is(name, "baggage") && value.includes("tapeloop.run=")) traits.isMarked = true;
        break;
      case 12:
        if (is(name, "content-type")) traits.isGrpc = isGrpcType(value);
        break;
      case 14:
        if (is(name, "content-length") && value === "0") traits.saysEmpty = true;
        else if (is(name, "content-length")) traits.hasBody = true;
        else if (is(name, replayMarks.run)) traits.isMarked = true;
        break;
      case 16:
        if (is(name, "x-envoy-internal")) traits.isEnvoyCopy = true;
        break;
      case 17:
        if (!is(name, "transfer-encoding")) break;
        traits.hasBody = true;
        lastCoding = value.toLowerCase();
        if (lastCoding !== "chunked") traits.isUnusual = true;
        break;
    }
  }
  traits.isChunked = lastCoding !== undefined && /(^|,)[ \t]*chunked[ \t]*$/.test(lastCoding);
  // Node's parser tells of the request, and only then that its body has no end.
  if (lastCoding !== undefined && !traits.isChunked) traits.isMalformed = true;
  return traits;
}

function is(name: string, lowerName: string): boolean {
  return name === lowerName || name.toLowerCase() === lowerName;
}

function isGrpcType(value: string): boolean {
  return value.startsWith("application/grpc") && !value.startsWith("application/grpc-web");
}
