import { type Body, decodeContent, firstValue, type HeaderList, type Message } from "../../message/index.js";
import type { Answer, Exchange } from "../exchange.js";
import { sealOf } from "../import/seal.js";
import type { RedactionKey } from "../redaction/index.js";
import { textOf } from "./body-text.js";
import { isoTime, msBetween } from "./har-time.js";
import { webSocketMessages } from "./web-socket.js";

const httpVersions = { "http/1.0": "HTTP/1.0", "http/1.1": "HTTP/1.1", h2: "HTTP/2.0" } as const;

/**
 * An Exchange as an entry of HAR 1.2 that other tools read, with all that HAR has no place for in `_tapeloop`. With the
 * tape's key it is sealed (see `sealOf`): a tape of the same key takes it back as it was.
 */
export function entryOfExchange(exchange: Exchange, key: RedactionKey | undefined): Record<string, unknown> {
  const { request, answer } = exchange;
  const messages = webSocketMessages(exchange);
  return {
    startedDateTime: isoTime(exchange.startedNs),
    time: Math.max(0, msBetween(exchange.startedNs, exchange.answerEndedNs)),
    request: requestOf(exchange),
    response: responseOf(answer, request.protocol),
    cache: {},
    timings: timingsOf(exchange),
    ...(exchange.connection === undefined ? {} : { connection: exchange.connection }),
    ...(messages ? { _resourceType: "websocket", _webSocketMessages: messages } : {}),
    _tapeloop: extrasOf(exchange, key),
  };
}

function requestOf({ request }: Exchange): Record<string, unknown> {
  const type = firstValue(request.headers, "content-type") ?? "";
  const path = request.path.startsWith("/") ? request.path : "/";
  const bytes = bytesOf(request.body);
  return {
    method: request.method,
    url: `${request.scheme}://${request.authority}${path}`,
    httpVersion: httpVersions[request.protocol],
    cookies: cookiesIn(request.headers, "cookie"),
    headers: fieldsOf(request.headers),
    queryString: queryOf(path),
    ...(bytes.length > 0 ? { postData: { mimeType: type, text: textOf(bytes) ?? "" } } : {}),
    headersSize: -1,
    bodySize: sizeOf(request.body),
  };
}

function responseOf(answer: Answer, protocol: Exchange["request"]["protocol"]): Record<string, unknown> {
  const httpVersion = httpVersions[protocol];
  const rest = { httpVersion, headersSize: -1, statusText: "" };
  if (answer.kind !== "response") {
    const status = answer.kind === "status-only" ? answer.status : 0;
    const error = answer.kind === "failure" ? { _error: answer.reason } : {};
    const nothing = { cookies: [], headers: [], content: { size: 0, mimeType: "x-unknown" }, redirectURL: "" };
    return { status, ...rest, ...nothing, bodySize: -1, ...error };
  }
  return {
    status: answer.status,
    ...rest,
    cookies: cookiesIn(answer.headers, "set-cookie"),
    headers: fieldsOf(answer.headers),
    content: contentOf(answer),
    redirectURL: firstValue(answer.headers, "location") ?? "",
    bodySize: sizeOf(answer.body),
  };
}

/** HAR holds content without its coding; where that cannot be undone, as it was. */
function contentOf(answer: Message): Record<string, unknown> {
  const { body, headers } = answer;
  const mimeType = firstValue(headers, "content-type") ?? "x-unknown";
  const wire = bytesOf(body);
  if (wire.length === 0) return { size: sizeOf(body), mimeType };
  const decoded = decodeContent(wire, firstValue(headers, "content-encoding"));
  const bytes = decoded.kind === "decoded" ? decoded.bytes : wire;
  const text = textOf(bytes);
  const size = body.kind === "whole" ? bytes.length : sizeOf(body);
  if (text !== undefined) return { size, mimeType, text };
  return { size, mimeType, text: base64(bytes), encoding: "base64" };
}

function timingsOf(exchange: Exchange): Record<string, number> {
  const { startedNs, requestEndedNs, answerStartedNs, answerEndedNs } = exchange;
  const known = (ms: number) => Math.max(0, ms);
  return {
    blocked: -1,
    dns: -1,
    connect: -1,
    send: known(msBetween(startedNs, requestEndedNs)),
    wait: known(msBetween(requestEndedNs ?? startedNs, answerStartedNs ?? answerEndedNs)),
    receive: known(msBetween(answerStartedNs, answerEndedNs)),
    ssl: -1,
  };
}

function extrasOf(exchange: Exchange, key: RedactionKey | undefined): Record<string, unknown> {
  const { id, request, answer, frames, startedNs, requestEndedNs, answerStartedNs, answerEndedNs, ...rest } = exchange;
  const { scheme, authority, path, protocol, end, rawHeaders, trailers } = request;
  return {
    ...rest,
    startedNs: String(startedNs),
    requestEndedNs: textOfNs(requestEndedNs),
    answerStartedNs: textOfNs(answerStartedNs),
    answerEndedNs: textOfNs(answerEndedNs),
    request: { scheme, authority, path, protocol, end, rawHeaders, trailers, body: bodyExtrasOf(request.body, true) },
    answer: answerExtrasOf(answer),
    frames: frames.map((frame) => ({ ...frame, atNs: String(frame.atNs) })),
    ...(key ? { seal: sealOf(exchange, key) } : {}),
  };
}

function answerExtrasOf(answer: Answer): Record<string, unknown> {
  if (answer.kind === "status-only") return { kind: answer.kind };
  if (answer.kind !== "response") return answer;
  const { kind, end, trailers, headers, body } = answer;
  const isText = decodesToItself(headers) && textOf(bytesOf(body)) !== undefined;
  return { kind, end, trailers, body: bodyExtrasOf(body, isText) };
}

function decodesToItself(headers: HeaderList): boolean {
  return (firstValue(headers, "content-encoding") ?? "identity").toLowerCase() === "identity";
}

/** `mayBeText`: the standard field holds the very bytes where they are UTF-8. */
function bodyExtrasOf(body: Body, mayBeText: boolean): Record<string, unknown> {
  if (body.kind === "empty") return { kind: body.kind };
  const { kind, hash } = body;
  const size = body.kind === "whole" ? {} : { fullBytes: body.fullBytes };
  if (body.kind === "unredactable") return { kind, hash, ...size };
  const asText = mayBeText && textOf(body.bytes) !== undefined;
  return { kind, hash, ...size, ...(asText ? {} : { base64: base64(body.bytes) }) };
}

function fieldsOf(headers: HeaderList): { name: string; value: string }[] {
  return headers.map(([name, value]) => ({ name, value }));
}

/** As far as viewers need them: names and values; attributes stay in the header. */
function cookiesIn(headers: HeaderList, lowerName: "cookie" | "set-cookie"): { name: string; value: string }[] {
  return headers
    .filter(([name]) => name.toLowerCase() === lowerName)
    .flatMap(([, value]) => (lowerName === "cookie" ? value.split(";") : [value.split(";")[0]!]))
    .map((pair) => pair.trim().split(/=(.*)/s))
    .filter(([name]) => name !== "")
    .map(([name = "", value = ""]) => ({ name, value }));
}

function queryOf(path: string): { name: string; value: string }[] {
  const mark = path.indexOf("?");
  if (mark === -1) return [];
  return Array.from(new URLSearchParams(path.slice(mark + 1)), ([name, value]) => ({ name, value }));
}

function bytesOf(body: Body): Uint8Array {
  return body.kind === "whole" || body.kind === "cut" ? body.bytes : new Uint8Array(0);
}

function sizeOf(body: Body): number {
  if (body.kind === "empty") return 0;
  return body.kind === "whole" ? body.bytes.length : body.fullBytes;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function textOfNs(ns: bigint | undefined): string | undefined {
  return ns === undefined ? undefined : String(ns);
}
