import { isUtf8 } from "node:buffer";
import {
  type Body,
  contentCodings,
  decodeContent,
  firstValue,
  isGrpcType,
  isJsonType,
  type Message,
  mediaType,
} from "../../message/index.js";
import type { Answer, Difference } from "../../tape/index.js";
import type { CompareOptions } from "./answers.js";
import { compareBytes, compareText, compareUnseen } from "./bytes.js";
import { excerpt } from "./excerpt.js";
import { compareGrpc } from "./grpc.js";
import { compareJson } from "./json.js";

type Response = Extract<Answer, { kind: "response" }>;

/**
 * Compares the bodies of two responses: equal wire bytes without looking inside, else decoded and by what they
 * are; bodies that are not at hand whole by length and keyed hash. A change of content coding alone is low.
 */
export function compareBodies(expected: Response, actual: Response, options: CompareOptions): Difference[] {
  const found = compareCodings(expected, actual);
  const [left, right] = [expected.body, actual.body];
  const sameCoding = found.length === 0;
  if (expected.end === "open" || actual.end === "open") return [...found, ...compareStreams(expected, actual, options)];
  if (isUnseen(left) || isUnseen(right)) {
    return [...found, ...compareUnseen(left, right, options.hashesUnrelated === true || !sameCoding)];
  }
  const [before, after] = [wireBytes(left), wireBytes(right)];
  if (before.length === 0 && after.length === 0) return [...found, ...compareStatedLengths(expected, actual)];
  if (sameCoding && Buffer.compare(before, after) === 0) return found;
  if (expected.end !== actual.end && isPrefix(before, after)) return found;
  return [...found, ...compareDecoded(before, after, expected, actual)];
}

/** Of answers that were still coming, as far as both go: how much came by then says nothing about the service. */
function compareStreams(expected: Response, actual: Response, options: CompareOptions): Difference[] {
  const [left, right] = [expected.body, actual.body];
  if (left.kind === "unredactable" || right.kind === "unredactable") {
    return compareUnseen(left, right, options.hashesUnrelated === true);
  }
  const [before, after] = [keptBytes(left), keptBytes(right)];
  if (isPrefix(before, after)) return [];
  const shorter = Math.min(before.length, after.length);
  return compareDecoded(before.subarray(0, shorter), after.subarray(0, shorter), expected, actual);
}

function compareCodings(expected: Message, actual: Message): Difference[] {
  const [left, right] = [codingOf(expected), codingOf(actual)];
  if (left === right) return [];
  return [
    { kind: "content-encoding", place: "header:content-encoding", severity: "low", expected: left, actual: right },
  ];
}

function codingOf(message: Message): string {
  return contentCodings(firstValue(message.headers, "content-encoding")).join(", ") || "identity";
}

/** Answers without a body (to HEAD, 304) state the length of one; where one side states none, only framing differs. */
function compareStatedLengths(from: Message, to: Message): Difference[] {
  const expected = firstValue(from.headers, "content-length");
  const actual = firstValue(to.headers, "content-length");
  if (expected === undefined || actual === undefined || expected === actual) return [];
  return [{ kind: "changed-header", place: "header:content-length", severity: "medium", expected, actual }];
}

function compareDecoded(before: Uint8Array, after: Uint8Array, from: Message, to: Message): Difference[] {
  const left = decodeContent(before, firstValue(from.headers, "content-encoding"));
  const right = decodeContent(after, firstValue(to.headers, "content-encoding"));
  // Of a coding that cannot be undone, the wire bytes are all there is to compare.
  if (left.kind !== "decoded" || right.kind !== "decoded") return compareBytes(before, after);
  if (Buffer.compare(left.bytes, right.bytes) === 0) return [];
  return compareByFormat(left.bytes, right.bytes, from, to);
}

function compareByFormat(left: Uint8Array, right: Uint8Array, from: Message, to: Message): Difference[] {
  const types = [from, to].map((message) => mediaType(message.headers)?.essence ?? "");
  if (types.every(isGrpcType)) return compareGrpc(left, right, from, to) ?? compareBytes(left, right);
  if (left.length === 0 || right.length === 0) return [bodyFormat(left, right)];
  const [before, after] = [bufferOf(left), bufferOf(right)];
  const encoding = isUtf8(before) && isUtf8(after) ? "utf8" : "latin1";
  if (types.some(isJsonType) || (isJsonLike(before) && isJsonLike(after))) {
    const compared = compareJson(before, after, encoding);
    if (compared.kind === "compared") return compared.differences;
    if (compared.kind === "one-is-json") return [bodyFormat(left, right, compared.which)];
  }
  if (encoding === "latin1" && !types.every(isTextType)) return compareBytes(left, right);
  return compareText(before.toString(encoding), after.toString(encoding));
}

function bodyFormat(left: Uint8Array, right: Uint8Array, json?: "expected" | "actual"): Difference {
  const inWords = (bytes: Uint8Array, side: "expected" | "actual") => {
    if (bytes.length === 0) return "empty";
    const format = json === undefined ? "" : side === json ? "JSON: " : "not JSON: ";
    return format + excerpt(bufferOf(bytes).toString(isUtf8(bytes) ? "utf8" : "latin1"));
  };
  const sides = { expected: inWords(left, "expected"), actual: inWords(right, "actual") };
  return { kind: "body-format", place: "body", severity: "high", ...sides };
}

function isUnseen(body: Body): boolean {
  return body.kind === "cut" || body.kind === "unredactable";
}

function wireBytes(body: Body): Uint8Array {
  return body.kind === "whole" ? body.bytes : new Uint8Array();
}

function keptBytes(body: Body): Uint8Array {
  return "bytes" in body ? body.bytes : new Uint8Array();
}

function isPrefix(left: Uint8Array, right: Uint8Array): boolean {
  const shorter = Math.min(left.length, right.length);
  return Buffer.compare(left.subarray(0, shorter), right.subarray(0, shorter)) === 0;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The first byte that is no white space opens an object or an array. */
function isJsonLike(bytes: Buffer): boolean {
  const first = bytes.find((byte) => byte !== 0x20 && (byte < 0x09 || byte > 0x0d));
  return first === 0x7b || first === 0x5b;
}

function isTextType(essence: string): boolean {
  return essence.startsWith("text/") || essence.endsWith("xml") || essence.endsWith("javascript");
}
