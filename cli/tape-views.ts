import { inBytes, inDuration } from "../base/index.js";
import { type Body, bodyBytes, decodeContent, firstValue, type HeaderList, type Message } from "../message/index.js";
import type { Answer, Exchange, ExchangeHead, ProxyReport, TapeStats } from "../tape/index.js";

type Head = Exchange | ExchangeHead;

/** What `tape ls --json` prints of an Exchange. */
export function headJson(head: Head): Record<string, unknown> {
  return {
    id: head.id,
    at: isoOf(head.startedNs),
    startedNs: String(head.startedNs),
    durationMs: durationMs(head),
    vantage: head.vantage,
    hop: head.hop,
    caller: head.caller,
    callee: head.callee,
    attempt: head.attempt,
    method: head.request.method,
    authority: head.request.authority,
    path: head.request.path,
    protocol: head.request.protocol,
    requestEnd: head.request.end,
    answer: head.answer.kind,
    status: statusOf(head.answer),
    answerEnd: head.answer.kind === "response" ? head.answer.end : undefined,
    answeredBy: head.proxy?.answeredBy,
    requestId: head.trace.requestId,
    traceId: head.trace.traceId,
    recorder: head.recorder.name,
    incarnation: head.recorder.incarnation,
    sequence: head.sequence,
  };
}

/** One line of `tape ls`. */
export function headLine(head: Head): string {
  const took = durationMs(head);
  return [
    String(head.id).padStart(8),
    isoOf(head.startedNs).slice(11, 23),
    head.vantage.padEnd(8),
    (head.caller ? `${head.caller} → ${head.callee}` : head.callee).padEnd(24),
    `${answerInWords(head.answer)}${head.proxy?.answeredBy === "proxy" ? " by proxy" : ""}`.padEnd(11),
    (took === undefined ? "" : inDuration(took)).padStart(8),
    `${head.request.method} ${head.request.path}`,
  ].join("  ");
}

/** What `tape show --json` prints. */
export function exchangeJson(exchange: Exchange): Record<string, unknown> {
  const { request, answer } = exchange;
  return {
    ...headJson(exchange),
    client: exchange.client,
    connection: exchange.connection,
    origin: exchange.origin,
    trace: exchange.trace,
    request: { ...messageJson(request), rawHeaders: request.rawHeaders },
    answer: answer.kind === "response" ? { ...answer, ...messageJson(answer) } : answer,
    frames: exchange.frames.map((frame) => ({ ...frame, atNs: String(frame.atNs) })),
    proxy: exchange.proxy,
    redacted: exchange.redacted,
  };
}

function messageJson(message: Message): Record<string, unknown> {
  return { headers: message.headers, body: bodyJson(message.body), trailers: message.trailers };
}

function bodyJson(body: Body): Record<string, unknown> {
  const common = { kind: body.kind, bytes: bodyBytes(body), hash: "hash" in body ? body.hash : undefined };
  if (body.kind !== "whole" && body.kind !== "cut") return common;
  const text = asText(body.bytes);
  return { ...common, kept: body.bytes.length, ...(text === undefined ? { base64: base64(body.bytes) } : { text }) };
}

/** `tape show` for people: as the messages would look on a wire. */
export function exchangeText(exchange: Exchange): string {
  const { request, answer } = exchange;
  const lines = [
    headLine(exchange).trim(),
    "",
    `${request.method} ${request.path} ${request.protocol}  (${request.end})`,
    ...headerLines(request.headers),
    ...bodyLines(request),
    "",
    answer.kind === "response" ? `${answer.status}  (${answer.end})` : answerInWords(answer),
  ];
  if (answer.kind === "response") lines.push(...headerLines(answer.headers), ...bodyLines(answer));
  if (exchange.proxy !== undefined) lines.push("", proxyInWords(exchange.proxy));
  const redacted = [...exchange.redacted.request, ...exchange.redacted.answer];
  if (redacted.length > 0) lines.push("", `redacted: ${redacted.join(", ")}`);
  return `${lines.join("\n")}\n`;
}

function proxyInWords({ answeredBy, details, flags, upstream, attempts, route }: ProxyReport): string {
  const said = [
    answeredBy === "proxy" ? "it answered by itself" : "it passed on what the service answered",
    details,
    flags && `flags ${flags.join(",")}`,
    upstream && `upstream ${upstream}`,
    attempts && `${attempts} attempts`,
    route && `route ${route}`,
  ];
  return `the proxy says: ${said.filter(Boolean).join("; ")}`;
}

function headerLines(headers: HeaderList): string[] {
  return headers.map(([name, value]) => `${name}: ${value}`);
}

function bodyLines({ body, headers, trailers }: Message): string[] {
  return ["", ...bodyText(body, headers), ...headerLines(trailers).map((line) => `trailer ${line}`)];
}

function bodyText(body: Body, headers: HeaderList): string[] {
  switch (body.kind) {
    case "empty":
      return [];
    case "unredactable":
      return [`(${inBytes(body.fullBytes)} not kept: it may hold secrets and could not be read whole)`];
    case "whole":
      return [asText(withoutCodings(body.bytes, headers)) ?? bytesInWords(body.bytes, headers)];
    case "cut":
      return [
        asText(body.bytes) ?? bytesInWords(body.bytes, headers),
        `(cut: ${inBytes(body.bytes.length)} of ${inBytes(body.fullBytes)} kept)`,
      ];
  }
}

/** For people; the bytes themselves where a coding is unknown, damaged or holds too much. */
function withoutCodings(bytes: Uint8Array, headers: HeaderList): Uint8Array {
  const decoded = decodeContent(bytes, firstValue(headers, "content-encoding"));
  return decoded.kind === "decoded" ? decoded.bytes : bytes;
}

function bytesInWords(bytes: Uint8Array, headers: HeaderList): string {
  return `(${inBytes(bytes.length)} of ${firstValue(headers, "content-type") ?? "bytes"})`;
}

/** `tape stats --json`. */
export function statsJson(stats: TapeStats): unknown {
  return JSON.parse(JSON.stringify(stats, (_key, value) => (typeof value === "bigint" ? String(value) : value)));
}

/** `tape stats` for people. */
export function statsText(stats: TapeStats): string {
  const { counts, bodies } = stats;
  const span =
    stats.firstNs !== undefined && stats.lastNs !== undefined ? Number(stats.lastNs - stats.firstNs) / 1e6 : 0;
  const lines = [
    `${stats.exchanges} Exchanges over ${inDuration(span)}${stats.firstNs === undefined ? "" : `, from ${isoOf(stats.firstNs)}`}`,
    `  by vantage   ${counted(stats.byVantage)}`,
    `  answers      ${counted(stats.answers)}`,
    `  bodies       ${bodies.stored} stored in ${inBytes(bodies.bytesStored)}, ${inBytes(bodies.bytesSeen)} seen`,
    `  ledger       ${counted(counts)}`,
    "",
    ...stats.recorders.map(recorderLine),
    ...stats.gaps.map(gapLine),
    ...stats.segments.map(
      (segment) =>
        `segment ${segment.path}: ${segment.exchanges} Exchanges, ${inBytes(segment.bytes)}${segment.sealedNs === undefined ? ", open" : ", sealed"}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function gapLine({ recorder, fromNs, toNs, lostExchanges }: TapeStats["gaps"][number]): string {
  const back = toNs === undefined ? "and has not come back" : `back at ${isoOf(toNs)}`;
  if (lostExchanges === undefined)
    return `gap: ${recorder} stopped storing at ${isoOf(fromNs)} without a goodbye, ${back}; calls in between are unknown`;
  return `gap: the file that ${recorder} wrote to since ${isoOf(fromNs)} was removed, ${back}; ${lostExchanges} Exchanges went with it`;
}

function recorderLine(one: TapeStats["recorders"][number]): string {
  const end = one.stoppedNs === undefined ? `last alive ${isoOf(one.aliveNs)}` : `stopped ${isoOf(one.stoppedNs)}`;
  return `recorder ${one.id.name} (${one.id.incarnation}): ${one.exchanges} Exchanges, started ${isoOf(one.startedNs)}, ${end}`;
}

function counted(counts: Partial<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count);
  return some.length === 0 ? "none" : some.map(([name, count]) => `${name} ${count}`).join(", ");
}

function durationMs(head: Head): number | undefined {
  return head.answerEndedNs === undefined ? undefined : Number(head.answerEndedNs - head.startedNs) / 1e6;
}

function statusOf(answer: Answer | ExchangeHead["answer"]): number | undefined {
  return answer.kind === "response" || answer.kind === "status-only" ? answer.status : undefined;
}

function answerInWords(answer: Answer | ExchangeHead["answer"]): string {
  switch (answer.kind) {
    case "response":
      return answer.end === "complete" ? String(answer.status) : `${answer.status} ${answer.end}`;
    case "status-only":
      return `${answer.status} (log)`;
    case "failure":
      return answer.reason;
    case "unknown":
      return "–";
  }
}

function isoOf(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}

function asText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
