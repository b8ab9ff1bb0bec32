import { allValues, bodyBytes, decodeContent, firstValue, type Message } from "../../message/index.js";
import type { Exchange, ExchangeHead } from "../exchange.js";
import { type JsonValue, jsonValuesAt, parseJsonPath } from "./json-values.js";
import type { KnownFrom } from "./moment.js";
import { drawOfTrace } from "./trace-draw.js";

/** What a condition on a head may look at: what {@link Exchange} and {@link ExchangeHead} have in common. */
export type HeadView = Exchange | ExchangeHead;

export type NumberKind = "number" | "status" | "duration" | "time" | "bytes" | "share";

/**
 * How a field's values are read, and from when on they are known. `head` fields need no headers and bodies. Each gives
 * every value the field has: none when it is not known, several for repeated headers.
 */
export type WhereField = { from: KnownFrom } & (
  | { needs: "head"; kind: "text"; ignoreCase?: boolean; read(head: HeadView): readonly string[] }
  | { needs: "head"; kind: NumberKind; read(head: HeadView): readonly number[] }
  | { needs: "headers" | "body"; kind: "text"; read(exchange: Exchange): readonly string[] }
  | { needs: "body"; kind: "json"; read(exchange: Exchange): readonly JsonValue[] }
);

const text = (from: KnownFrom, read: (head: HeadView) => string | undefined): WhereField => ({
  from,
  needs: "head",
  kind: "text",
  read: (head) => present(read(head)),
});
const caselessText = (from: KnownFrom, read: (head: HeadView) => string | undefined): WhereField => ({
  from,
  needs: "head",
  kind: "text",
  ignoreCase: true,
  read: (head) => present(read(head)),
});
const number = (from: KnownFrom, kind: NumberKind, read: (head: HeadView) => number | undefined): WhereField => ({
  from,
  needs: "head",
  kind,
  read: (head) => present(read(head)),
});

const host = caselessText("request-head", (head) => head.request.authority);

/** The fields by name; `header.NAME`, `answer.header.NAME`, `body:POINTER` and `answer.body:POINTER` come beside these. */
export const whereFields: Readonly<Record<string, WhereField>> = {
  id: number("on-tape", "number", (head) => head.id),
  method: caselessText("request-head", (head) => head.request.method),
  host,
  authority: host,
  scheme: caselessText("request-head", (head) => head.request.scheme),
  path: text("request-head", (head) => splitPath(head.request.path).path),
  query: text("request-head", (head) => splitPath(head.request.path).query),
  protocol: text("request-head", (head) => head.request.protocol),
  status: number("answer-head", "status", statusOf),
  answer: text("answer-head", (head) => head.answer.kind),
  failure: text("call-end", (head) => (head.answer.kind === "failure" ? head.answer.reason : undefined)),
  "request.end": text("request-end", (head) => head.request.end),
  "answer.end": text("call-end", (head) => (head.answer.kind === "response" ? head.answer.end : undefined)),
  end: { from: "call-end", needs: "head", kind: "text", read: endsOf },
  vantage: text("request-head", (head) => head.vantage),
  recorder: text("request-head", (head) => head.recorder.name),
  caller: text("request-head", (head) => head.caller),
  callee: text("request-head", (head) => head.callee),
  service: {
    from: "request-head",
    needs: "head",
    kind: "text",
    read: (head) => present(head.caller).concat(head.callee),
  },
  cluster: text("request-head", (head) => head.origin.cluster),
  namespace: text("request-head", (head) => head.origin.namespace),
  workload: text("request-head", (head) => head.origin.workload),
  version: text("request-head", (head) => head.origin.version),
  node: text("request-head", (head) => head.origin.node),
  hop: text("request-head", (head) => head.hop),
  client: text("request-head", (head) => head.client),
  connection: text("request-head", (head) => head.connection),
  trace: text("request-head", (head) => head.trace.traceId),
  "request-id": text("request-head", (head) => head.trace.requestId),
  sample: number("request-head", "share", (head) => drawOfTrace(head.trace)),
  started: number("request-head", "time", (head) => Number(head.startedNs / 1000n) / 1000),
  duration: number("call-end", "duration", durationMs),
  "body.bytes": number("request-end", "bytes", ({ request }) => bytesOf(request)),
  "answer.body.bytes": number("call-end", "bytes", ({ answer }) =>
    answer.kind === "response" ? bytesOf(answer) : undefined,
  ),
  body: { from: "request-end", needs: "body", kind: "text", read: (exchange) => bodyText(exchange.request) },
  "answer.body": {
    from: "call-end",
    needs: "body",
    kind: "text",
    read: ({ answer }) => (answer.kind === "response" ? bodyText(answer) : []),
  },
};

/** Forms of names that stand for many fields, for messages. */
export const fieldForms = ["header.NAME", "answer.header.NAME", "body:POINTER", "answer.body:POINTER"] as const;

/** The field of a name in lower case; undefined when there is none. */
export function whereField(name: string): WhereField | undefined {
  if (Object.hasOwn(whereFields, name)) return whereFields[name];
  const [, side, form, rest] = /^(answer\.|)(header\.|body:)(.*)$/s.exec(name) ?? [];
  if (form === "header." && rest !== "") return headerField(side === "answer.", rest!);
  return form === "body:" ? jsonField(side === "answer.", rest!) : undefined;
}

function headerField(ofAnswer: boolean, name: string): WhereField {
  if (!ofAnswer) {
    const read = ({ request }: Exchange) => allValues(request.headers, name);
    return { from: "request-head", needs: "headers", kind: "text", read };
  }
  const read = ({ answer }: Exchange) => (answer.kind === "response" ? allValues(answer.headers, name) : []);
  return { from: "answer-head", needs: "headers", kind: "text", read };
}

/** Undefined for a pointer that is none. */
function jsonField(ofAnswer: boolean, pointer: string): WhereField | undefined {
  const path = parseJsonPath(pointer);
  if (path === undefined) return undefined;
  const valuesOf = (message: Message) => bodyText(message).flatMap((body) => jsonValuesAt(body, path));
  if (!ofAnswer) {
    return { from: "request-end", needs: "body", kind: "json", read: ({ request }) => valuesOf(request) };
  }
  const read = ({ answer }: Exchange) => (answer.kind === "response" ? valuesOf(answer) : []);
  return { from: "call-end", needs: "body", kind: "json", read };
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

function splitPath(path: string): { path: string; query?: string } {
  const queryAt = path.indexOf("?");
  return queryAt === -1 ? { path } : { path: path.slice(0, queryAt), query: path.slice(queryAt + 1) };
}

function statusOf({ answer }: HeadView): number | undefined {
  return answer.kind === "response" || answer.kind === "status-only" ? answer.status : undefined;
}

function endsOf({ request, answer }: HeadView): string[] {
  return answer.kind === "response" ? [request.end, answer.end] : [request.end];
}

function durationMs(head: HeadView): number | undefined {
  return head.answerEndedNs === undefined ? undefined : Number(head.answerEndedNs - head.startedNs) / 1e6;
}

/** As they were on the wire, also of what was not kept. */
function bytesOf(message: { bodyBytes: number } | Message): number {
  return "bodyBytes" in message ? message.bodyBytes : bodyBytes(message.body);
}

/** As text after decoding; nothing when it is not kept or cannot be decoded. */
function bodyText({ headers, body }: Message): string[] {
  if (body.kind !== "whole" && body.kind !== "cut") return [];
  const decoded = decodeContent(body.bytes, firstValue(headers, "content-encoding"));
  return decoded.kind === "decoded" ? [Buffer.from(decoded.bytes).toString("utf8")] : [];
}
