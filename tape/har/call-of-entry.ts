import type { FailureReason, Protocol } from "../exchange.js";
import { type ImportedAnswer, type ImportedCall, type ImportNote, wireText } from "../import/imported.js";
import { flatHeaders, requestBodyOf, responseBodyOf } from "./har-body.js";
import { nsOf, parseIsoTime } from "./har-time.js";
import type { HarEntry } from "./schema.js";
import { webSocketOf } from "./web-socket.js";

/** A call of a HAR that others wrote, or why it is none. */
export type CallOfEntry =
  | { kind: "call"; call: ImportedCall; notes: ImportNote[] }
  | { kind: "left-out"; note: ImportNote }
  /** It lacks what the standard requires, or has it in a form that is not the standard's. */
  | { kind: "refused"; reason: string };

/** The year 2200: nanoseconds in 64 bits end in 2262, and what the call took comes on top. */
const latestNs = BigInt(Date.UTC(2200, 0)) * 1_000_000n;

/** Reads an entry as Chrome, Firefox, Playwright, mitmproxy and their like write it. */
export function callOfEntry(entry: HarEntry): CallOfEntry {
  const { request } = entry;
  if (entry._fromCache || entry.cache?.fromCache) return { kind: "left-out", note: "cached" };
  const target = targetOf(request.url);
  if (target === undefined)
    return { kind: "refused", reason: `request.url "${excerpt(request.url)}" is no absolute URL` };
  if (!target.isHttp) return { kind: "left-out", note: "not-http" };
  const startedNs = parseIsoTime(entry.startedDateTime);
  if (startedNs === undefined) {
    return { kind: "refused", reason: `startedDateTime "${excerpt(entry.startedDateTime)}" is no ISO 8601 time` };
  }
  if (startedNs >= latestNs || startedNs <= -latestNs) {
    return {
      kind: "refused",
      reason: `startedDateTime "${excerpt(entry.startedDateTime)}" is further off than a tape can tell`,
    };
  }
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(request.method)) {
    return { kind: "refused", reason: `request.method "${excerpt(request.method)}" is no method` };
  }
  if (!Number.isInteger(entry.response.status) || entry.response.status > 999) {
    return { kind: "refused", reason: `response.status ${entry.response.status} is no status` };
  }
  return { kind: "call", ...callTo(target, entry, startedNs) };
}

interface Target {
  isHttp: boolean;
  scheme: string;
  authority: string;
  path: string;
}

const httpSchemes: Readonly<Record<string, string>> = { http: "http", https: "https", ws: "http", wss: "https" };

/** Read by hand: a URL parser would change what was sent. Credentials in it are left out, the fragment never was sent. */
function targetOf(url: string): Target | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return undefined;
  if (!Object.hasOwn(httpSchemes, scheme)) return { isHttp: false, scheme, authority: "", path: "" };
  const found = /^[^:]+:\/\/(?:[^/?#]*@)?([^/?#]+)([^#]*)/.exec(url);
  if (!found) return undefined;
  const path = found[2]!.startsWith("/") ? found[2]! : `/${found[2]!}`;
  return { isHttp: true, scheme: httpSchemes[scheme]!, authority: wireText(found[1]!), path: sentPath(path) };
}

/** What cannot stand in a request line is written as browsers send it. */
function sentPath(path: string): string {
  return path.replace(/[^\x21-\x7e]/gu, (character) => {
    const bytes = Buffer.from(character, "utf8");
    return Array.from(bytes, (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
  });
}

function callTo(target: Target, entry: HarEntry, startedNs: bigint): { call: ImportedCall; notes: ImportNote[] } {
  const { request } = entry;
  const { scheme, authority, path } = target;
  const pseudo = request.headers.find(({ name }) => name.toLowerCase() === ":authority")?.value;
  const version = protocolOf(entry);
  const sent = requestBodyOf(request, flatHeaders(request.headers));
  const answer = answerOf(entry);
  const webSocket = webSocketOf(entry);
  const call: ImportedCall = {
    request: {
      method: request.method,
      scheme,
      authority: pseudo === undefined ? authority : wireText(pseudo),
      path,
      protocol: version.protocol,
      headers: sent.headers,
      body: webSocket?.request ?? sent.body,
      end: "complete",
    },
    answer:
      webSocket && answer.answer.kind === "response" ? { ...answer.answer, body: webSocket.answer } : answer.answer,
    startedNs,
    ...timesOf(entry, startedNs),
    ...(webSocket ? { frames: webSocket.frames } : {}),
    ...(entry.connection ? { connection: wireText(entry.connection) } : {}),
  };
  const bodyNotes = webSocket ? [] : [...sent.notes, ...answer.notes];
  return { call, notes: [...new Set([...version.notes, ...bodyNotes])] };
}

function protocolOf({ request, response }: HarEntry): { protocol: Protocol; notes: ImportNote[] } {
  const said = (response.httpVersion || request.httpVersion || "").toLowerCase();
  if (/^(http\/3|h3|quic)/.test(said)) return { protocol: "h2", notes: ["as-h2"] };
  if (/^(http\/2|h2)/.test(said)) return { protocol: "h2", notes: [] };
  if (said === "http/1.0") return { protocol: "http/1.0", notes: [] };
  const hasPseudoFields = request.headers.some(({ name }) => name.startsWith(":"));
  return { protocol: hasPseudoFields ? "h2" : "http/1.1", notes: [] };
}

function answerOf(entry: HarEntry): { answer: ImportedAnswer; notes: readonly ImportNote[] } {
  const { response, request } = entry;
  // Chrome and Firefox say 0 of what got no answer, Playwright -1.
  if (response.status <= 0)
    return { answer: { kind: "failure", reason: failureOf(response._error ?? response._failureText) }, notes: [] };
  const { body, headers, notes } = responseBodyOf(response, flatHeaders(response.headers), request.method);
  return { answer: { kind: "response", status: response.status, headers, body, end: "complete" }, notes };
}

/** Chrome's net errors, Firefox's and Playwright's words. Without any, the page or its user gave up. */
const failures: readonly (readonly [RegExp, FailureReason])[] = [
  [/name_not_resolved|unknown_host|dns/i, "unresolved-host"],
  [/refused/i, "refused"],
  [/timed?_?\s?out|net_timeout/i, "timed-out"],
  [/cert|ssl|tls/i, "tls"],
  [/reset|empty_response|connection_closed|net_interrupt/i, "reset"],
  [/protocol|invalid/i, "protocol"],
];

function failureOf(error: string | null | undefined): FailureReason {
  return failures.find(([form]) => form.test(error ?? ""))?.[1] ?? "aborted";
}

function timesOf(entry: HarEntry, startedNs: bigint): Partial<ImportedCall> {
  const { timings, time, response } = entry;
  const endedNs = startedNs + nsOf(time);
  if (response.status <= 0) return { answerEndedNs: endedNs };
  const beforeSent = nsOf(timings?.blocked) + nsOf(timings?.dns) + nsOf(timings?.connect);
  const requestEndedNs = earlier(startedNs + beforeSent + nsOf(timings?.send), endedNs);
  const answerStartedNs = earlier(requestEndedNs + nsOf(timings?.wait), endedNs);
  return { requestEndedNs, answerStartedNs, answerEndedNs: endedNs };
}

function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function excerpt(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
