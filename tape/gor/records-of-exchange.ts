import { STATUS_CODES } from "node:http";
import type { Body, HeaderList, Message } from "../../message/index.js";
import type { Exchange } from "../exchange.js";
import { gorSeparator } from "./records.js";

/** What a .gor file cannot say of an Exchange. */
export const gorLosses = {
  failed: "failed: written as a request without a response",
  "no-answer": "without an answer",
  "cut-body": "with a body that is not on the tape whole: GoReplay will send or show less than was there",
  frames: "with WebSocket messages: written as the handshake alone",
  h2: "of HTTP/2, written as HTTP/1.1",
  separator: "left out: a body holds GoReplay's separator",
} as const;
export type GorLoss = keyof typeof gorLosses;

/** The records of an Exchange (none where it cannot be written), and what is lost. */
export interface RecordsOfExchange {
  records: Buffer[];
  losses: GorLoss[];
}

const separator = Buffer.from(gorSeparator);

/** A request (type 1) and, where one is known, its response (type 2), as GoReplay writes them. */
export function recordsOfExchange(exchange: Exchange): RecordsOfExchange {
  const { request, answer, startedNs, requestEndedNs, answerStartedNs, answerEndedNs } = exchange;
  const losses = lossesOf(exchange);
  const id = exchange.id.toString(16).padStart(24, "0");
  const isUpgrade = answer.kind === "response" && answer.status === 101;
  const requestLine = `${request.method} ${request.path} ${versionOf(request.protocol)}`;
  const headers = withHost(request.headers, request.authority);
  const records = [record(1, id, startedNs, requestEndedNs, message(requestLine, { ...request, headers }, isUpgrade))];
  if (answer.kind === "response") {
    const line = `${versionOf(request.protocol)} ${answer.status} ${STATUS_CODES[answer.status] ?? ""}`.trimEnd();
    const isBodiless = request.method === "HEAD" || answer.status === 304;
    const bytes = message(line, answer, isUpgrade || isBodiless);
    records.push(record(2, id, answerStartedNs ?? answerEndedNs ?? startedNs, answerEndedNs, bytes));
  }
  const isBroken = records.some((bytes) => bytes.indexOf(separator) !== bytes.length - separator.length);
  return isBroken ? { records: [], losses: ["separator"] } : { records, losses };
}

function lossesOf({ request, answer, frames }: Exchange): GorLoss[] {
  const losses: GorLoss[] = [];
  if (answer.kind === "failure") losses.push("failed");
  else if (answer.kind !== "response") losses.push("no-answer");
  if (frames.length > 0) losses.push("frames");
  else if (isPart(request.body) || (answer.kind === "response" && isPart(answer.body))) losses.push("cut-body");
  if (request.protocol === "h2") losses.push("h2");
  return losses;
}

function isPart({ kind }: Body): boolean {
  return kind === "cut" || kind === "unredactable";
}

function record(type: 1 | 2, id: string, fromNs: bigint, toNs: bigint | undefined, bytes: Buffer): Buffer {
  const head = `${type} ${id} ${fromNs} ${toNs === undefined ? 0 : toNs - fromNs}\n`;
  return Buffer.concat([Buffer.from(head), bytes, separator]);
}

function versionOf(protocol: Exchange["request"]["protocol"]): string {
  return protocol === "http/1.0" ? "HTTP/1.0" : "HTTP/1.1";
}

function withHost(headers: HeaderList, authority: string): HeaderList {
  const hasHost = headers.some(([name]) => name.toLowerCase() === "host");
  return hasHost || authority === "" ? headers : [["Host", authority], ...headers];
}

function message(line: string, { headers, body, trailers }: Message, withoutBody: boolean): Buffer {
  const bytes = body.kind === "whole" || body.kind === "cut" ? body.bytes : new Uint8Array(0);
  if (withoutBody) return Buffer.from(headText(line, headers), "latin1");
  const isChunked = headers.some(([name, value]) => /^transfer-encoding$/i.test(name) && /chunked\s*$/i.test(value));
  if (isChunked || trailers.length > 0) {
    const chunkedHeaders: HeaderList = isChunked
      ? headers
      : [...withoutLength(headers), ["Transfer-Encoding", "chunked"]];
    return Buffer.concat([Buffer.from(headText(line, chunkedHeaders), "latin1"), ...chunks(bytes, body, trailers)]);
  }
  return Buffer.concat([Buffer.from(headText(line, withLength(headers, body)), "latin1"), bytes]);
}

function headText(line: string, headers: HeaderList): string {
  return `${[line, ...headers.map(([name, value]) => `${name}: ${value}`)].join("\r\n")}\r\n\r\n`;
}

/** Chunks as they were are not on a tape: one holds all. Of a body that is cut, the last one is missing. */
function chunks(bytes: Uint8Array, body: Body, trailers: HeaderList): Uint8Array[] {
  const one = bytes.length === 0 ? [] : [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")];
  if (isPart(body)) return one;
  const end = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return [...one, Buffer.from(`0\r\n${end}\r\n`, "latin1")];
}

/** A pseudonym may have another length than what it stands for, and HTTP/2 needs none. */
function withLength(headers: HeaderList, body: Body): HeaderList {
  const bytes = body.kind === "empty" ? 0 : body.kind === "whole" ? body.bytes.length : body.fullBytes;
  const found = headers.findIndex(([name]) => name.toLowerCase() === "content-length");
  if (found === -1) return bytes === 0 ? headers : [...headers, ["Content-Length", String(bytes)]];
  if (headers[found]![1] === String(bytes)) return headers;
  return headers.map((field, at) => (at === found ? [field[0], String(bytes)] : field));
}

function withoutLength(headers: HeaderList): HeaderList {
  return headers.filter(([name]) => name.toLowerCase() !== "content-length");
}
