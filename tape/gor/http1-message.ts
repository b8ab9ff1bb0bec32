import { firstRawValue } from "../../message/index.js";
import type { CapturedBody } from "../captured.js";
import type { Protocol } from "../exchange.js";
import { partOfBody, wholeBody, wireText } from "../import/imported.js";

/** The head of an HTTP/1 message and what follows it, as on the wire. */
export type Http1Message = Http1Request | Http1Response;

export interface Http1Request {
  kind: "request";
  method: string;
  target: string;
  protocol: Protocol;
  /** Node's flat form. */
  headers: string[];
  rest: Buffer;
}

export interface Http1Response {
  kind: "response";
  status: number;
  protocol: Protocol;
  headers: string[];
  rest: Buffer;
}

const protocols: Readonly<Record<string, Protocol>> = { "1.0": "http/1.0", "1.1": "http/1.1", "2.0": "h2", 2: "h2" };

/**
 * Reads one message of HTTP/1 (RFC 9112), bare line feeds allowed; interim responses before the final one are left out.
 * Undefined for what is none, or ends within its head.
 */
export function parseHttp1(bytes: Buffer): Http1Message | undefined {
  const head = headOf(bytes);
  if (head === undefined) return undefined;
  const lines = head.text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  const headers = fieldsOf(lines.slice(1));
  if (headers === undefined) return undefined;
  const rest = bytes.subarray(head.end);
  const request = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/(1\.0|1\.1|2\.0|2)$/.exec(lines[0]!);
  if (request) {
    const [, method, target, version] = request;
    return { kind: "request", method: method!, target: target!, protocol: protocols[version!]!, headers, rest };
  }
  const response = /^HTTP\/(1\.0|1\.1|2\.0|2) (\d{3})(?: .*)?$/.exec(lines[0]!);
  if (!response) return undefined;
  const status = Number(response[2]);
  const isInterim = status >= 100 && status < 200 && status !== 101;
  if (isInterim && rest.length > 0) return parseHttp1(rest);
  return { kind: "response", status, protocol: protocols[response[1]!]!, headers, rest };
}

function headOf(bytes: Buffer): { text: string; end: number } | undefined {
  const crlf = bytes.indexOf("\r\n\r\n");
  const bare = bytes.indexOf("\n\n");
  if (crlf === -1 && bare === -1) return undefined;
  const isBare = crlf === -1 || (bare !== -1 && bare < crlf);
  const end = isBare ? bare : crlf;
  return { text: bytes.toString("latin1", 0, end), end: end + (isBare ? 2 : 4) };
}

function fieldsOf(lines: readonly string[]): string[] | undefined {
  const flat: string[] = [];
  for (const line of lines) {
    const found = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/s.exec(line);
    if (found) flat.push(wireText(found[1]!), wireText(found[2]!));
    else if (/^[ \t]/.test(line) && flat.length > 0) flat[flat.length - 1] += ` ${line.trim()}`;
    else return undefined;
  }
  return flat;
}

/** A body without its framing, and what came after it. */
export interface UnframedBody {
  body: CapturedBody;
  trailers?: string[];
}

/** Takes the framing off the rest of a message. `hasNoBody`: its fields speak of a body that is not sent with it. */
export function unframed({ headers, rest }: Http1Message, hasNoBody = false): UnframedBody {
  if (hasNoBody) return { body: wholeBody(rest.subarray(0, 0)) };
  if (/(^|,)\s*chunked\s*$/i.test(firstRawValue(headers, "transfer-encoding") ?? "")) return unchunked(rest);
  const stated = firstRawValue(headers, "content-length");
  if (stated === undefined || !/^\d{1,15}$/.test(stated)) return { body: wholeBody(rest) };
  const bytes = Number(stated);
  return { body: rest.length >= bytes ? wholeBody(rest.subarray(0, bytes)) : partOfBody(rest, bytes) };
}

/** Chunks (RFC 9112, section 7.1) up to where they end or break off. Bytes that are none were unchunked by who wrote them. */
function unchunked(bytes: Buffer): UnframedBody {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const line = bytes.subarray(at, at + 4096).indexOf(0x0a);
    const size = line === -1 ? undefined : sizeOf(bytes.toString("latin1", at, at + line));
    if (size === undefined) return at === 0 && bytes.length > 0 ? { body: wholeBody(bytes) } : broken(chunks);
    const start = at + line + 1;
    if (size === 0) return finished(chunks, bytes.subarray(start));
    const chunk = bytes.subarray(start, start + size);
    chunks.push(chunk);
    if (chunk.length < size) return broken(chunks);
    at = start + size + (bytes[start + size] === 0x0d ? 2 : 1);
  }
}

function sizeOf(line: string): number | undefined {
  const found = /^([0-9a-f]{1,13})[ \t]*(?:;.*)?\r?$/i.exec(line);
  return found ? Number.parseInt(found[1]!, 16) : undefined;
}

function finished(chunks: readonly Buffer[], rest: Buffer): UnframedBody {
  const body = wholeBody(Buffer.concat(chunks));
  const lines = rest.toString("latin1").split(/\r?\n/);
  const trailers = fieldsOf(lines.slice(0, Math.max(0, lines.indexOf(""))));
  return trailers && trailers.length > 0 ? { body, trailers } : { body };
}

function broken(chunks: readonly Buffer[]): UnframedBody {
  return { body: partOfBody(Buffer.concat(chunks), undefined) };
}
