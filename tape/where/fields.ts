import { allValues, decodeContent, firstValue, type Message } from "../../message/index.js";
import type { Exchange, ExchangeHead } from "../exchange.js";

/** What a condition on a head may look at: what {@link Exchange} and {@link ExchangeHead} have in common. */
export type HeadView = Exchange | ExchangeHead;

/**
 * How a field's value is read. `head` fields need no headers and bodies. Each gives every value the field has: none when
 * it is not known, several for repeated headers.
 */
export type WhereField =
  | { kind: "text"; ignoreCase?: boolean; read(head: HeadView): readonly string[] }
  | { kind: "number" | "status" | "duration" | "time"; read(head: HeadView): readonly number[] }
  | { kind: "whole-text"; read(exchange: Exchange): readonly string[] };

const text = (read: (head: HeadView) => string | undefined): WhereField => ({
  kind: "text",
  read: (head) => present(read(head)),
});
const caselessText = (read: (head: HeadView) => string | undefined): WhereField => ({
  kind: "text",
  ignoreCase: true,
  read: (head) => present(read(head)),
});

/** The fields by name; `header.NAME` and `answer.header.NAME` come beside these. */
export const whereFields: Readonly<Record<string, WhereField>> = {
  id: { kind: "number", read: (head) => [head.id] },
  method: caselessText((head) => head.request.method),
  host: caselessText((head) => head.request.authority),
  scheme: caselessText((head) => head.request.scheme),
  path: text((head) => splitPath(head.request.path).path),
  query: text((head) => splitPath(head.request.path).query),
  protocol: text((head) => head.request.protocol),
  status: { kind: "status", read: (head) => present(statusOf(head)) },
  answer: text((head) => head.answer.kind),
  failure: text((head) => (head.answer.kind === "failure" ? head.answer.reason : undefined)),
  "request.end": text((head) => head.request.end),
  "answer.end": text((head) => (head.answer.kind === "response" ? head.answer.end : undefined)),
  end: { kind: "text", read: endsOf },
  vantage: text((head) => head.vantage),
  recorder: text((head) => head.recorder.name),
  caller: text((head) => head.caller),
  callee: text((head) => head.callee),
  service: { kind: "text", read: (head) => present(head.caller).concat(head.callee) },
  cluster: text((head) => head.origin.cluster),
  namespace: text((head) => head.origin.namespace),
  workload: text((head) => head.origin.workload),
  version: text((head) => head.origin.version),
  node: text((head) => head.origin.node),
  client: text((head) => head.client),
  connection: text((head) => head.connection),
  trace: text((head) => head.trace.traceId),
  "request-id": text((head) => head.trace.requestId),
  duration: { kind: "duration", read: (head) => present(durationMs(head)) },
  started: { kind: "time", read: (head) => [Number(head.startedNs / 1000n) / 1000] },
  body: { kind: "whole-text", read: (exchange) => bodyText(exchange.request) },
  "answer.body": {
    kind: "whole-text",
    read: ({ answer }) => (answer.kind === "response" ? bodyText(answer) : []),
  },
};

/** The field of a name in lower case; undefined when there is none. */
export function whereField(name: string): WhereField | undefined {
  if (Object.hasOwn(whereFields, name)) return whereFields[name];
  const [, side, header] = /^(answer\.|)header\.(.+)$/.exec(name) ?? [];
  if (header === undefined) return undefined;
  if (side === "") return { kind: "whole-text", read: (exchange) => allValues(exchange.request.headers, header) };
  return {
    kind: "whole-text",
    read: ({ answer }) => (answer.kind === "response" ? allValues(answer.headers, header) : []),
  };
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

/** As text after decoding; nothing when it is not kept or cannot be decoded. */
function bodyText({ headers, body }: Message): string[] {
  if (body.kind !== "whole" && body.kind !== "cut") return [];
  const decoded = decodeContent(body.bytes, firstValue(headers, "content-encoding"));
  return decoded.kind === "decoded" ? [Buffer.from(decoded.bytes).toString("utf8")] : [];
}
