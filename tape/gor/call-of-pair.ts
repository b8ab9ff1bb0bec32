import { firstRawValue } from "../../message/index.js";
import type { ImportedAnswer, ImportedCall, ImportNote } from "../import/imported.js";
import { isPartOfBody, wireText } from "../import/imported.js";
import { type Http1Request, parseHttp1, unframed } from "./http1-message.js";
import type { GorPair } from "./pairing.js";
import type { GorRecord } from "./records.js";

/** The call that two records tell of; undefined when the request's holds no HTTP/1 request. */
export function callOfPair({ request, answer }: GorPair & { request: GorRecord }):
  | {
      call: ImportedCall;
      notes: ImportNote[];
    }
  | undefined {
  const sent = parseHttp1(request.payload);
  if (sent?.kind !== "request") return undefined;
  const { body, trailers } = unframed(sent);
  const read = answer && answerOf(answer, sent.method);
  const call: ImportedCall = {
    request: {
      method: sent.method,
      scheme: "http",
      ...targetOf(sent),
      protocol: sent.protocol,
      headers: sent.headers,
      ...(trailers ? { trailers } : {}),
      body,
      end: "complete",
    },
    answer: read ?? { kind: "unknown" },
    ...timesOf(request, read && answer),
  };
  return { call, notes: notesOf(call, answer !== undefined && read === undefined) };
}

function notesOf({ request, answer }: ImportedCall, isUnreadable: boolean): ImportNote[] {
  const notes: ImportNote[] = [];
  if (isPartOfBody(request.body) || (answer.kind === "response" && isPartOfBody(answer.body)))
    notes.push("missing-body");
  if (answer.kind === "unknown") notes.push(isUnreadable ? "unreadable-message" : "answer-missing");
  return notes;
}

/** A proxy is asked with the whole URL (RFC 9112, section 3.2.2). */
function targetOf({ target, headers }: Http1Request): { authority: string; path: string } {
  const absolute = /^https?:\/\/(?:[^/?#]*@)?([^/?#]+)([^#]*)/i.exec(target);
  const authority = wireText(absolute?.[1] ?? firstRawValue(headers, "host") ?? "");
  if (!absolute) return { authority, path: target };
  return { authority, path: absolute[2]!.startsWith("/") ? absolute[2]! : `/${absolute[2]!}` };
}

function answerOf({ payload }: GorRecord, method: string): ImportedAnswer | undefined {
  const came = parseHttp1(payload);
  if (came?.kind !== "response") return undefined;
  const { status, headers } = came;
  const { body, trailers } = unframed(came, method === "HEAD" || status === 204 || status === 304 || status < 200);
  return { kind: "response", status, headers, ...(trailers ? { trailers } : {}), body, end: "complete" };
}

/**
 * GoReplay from 1.0 on writes into each record how long that message took. Before, only answers had a latency: from the
 * beginning of the request to the end of the answer.
 */
function timesOf(request: GorRecord, answer: GorRecord | undefined) {
  const startedNs = request.atNs;
  const requestTimes = { startedNs, requestEndedNs: startedNs + (request.latencyNs ?? 0n) };
  if (answer === undefined) return requestTimes;
  const answerStartedNs = answer.atNs;
  const latencyNs = answer.latencyNs ?? 0n;
  const isOld = request.latencyNs === undefined && answer.kind === "response";
  const answerEndedNs = later(answerStartedNs, (isOld ? startedNs : answerStartedNs) + latencyNs);
  return { ...requestTimes, answerStartedNs, answerEndedNs };
}

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
