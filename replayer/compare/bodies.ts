import { isUtf8 } from "node:buffer";
import {
  type Body,
  contentCodings,
  type DecodedContent,
  decodeContent,
  firstValue,
  type Message,
  mediaType,
} from "../../message/index.js";
import type { Answer, Difference } from "../../tape/index.js";
import type { CompareOptions } from "./answers.js";
import { bytesInWords, compareUnseen } from "./bytes.js";
import { excerpt } from "./excerpt.js";
import { BodyFindings } from "./json/findings.js";
import { decodeKept } from "./kept.js";
import { compareByKind } from "./kinds/index.js";

type Response = Extract<Answer, { kind: "response" }>;

export interface BodyComparison {
  differences: Difference[];
  /** The kind of body as which both sides were read; absent where they were not looked into. */
  readAs?: string | undefined;
}

/**
 * Compares the bodies of two responses: equal wire bytes without looking inside, else decoded and by what they are. Of
 * bodies that are not at hand whole, length and keyed hash are compared, and what was kept as far as it goes.
 */
export function compareBodies(expected: Response, actual: Response, options: CompareOptions): BodyComparison {
  const findings = new BodyFindings(options.rules);
  const sides: Sides = { expected, actual, options, findings, readAs: undefined };
  const [left, right] = [expected.body, actual.body];
  if (expected.end === "open" || actual.end === "open" || expected.end === "client-aborted") compareStreams(sides);
  else if (isBrokenOff(expected, actual)) return { differences: [] };
  else if (isUnseen(left) || isUnseen(right)) comparePartly(sides);
  else compareWhole(sides, wireBytes(left), wireBytes(right));
  return { differences: findings.all(), readAs: sides.readAs };
}

interface Sides {
  expected: Response;
  actual: Response;
  options: CompareOptions;
  findings: BodyFindings;
  /** Once they are: as which kind of body. */
  readAs: string | undefined;
}

function compareWhole(sides: Sides, before: Uint8Array, after: Uint8Array): void {
  const { expected, actual } = sides;
  if (before.length === 0 && after.length === 0) {
    compareStatedLengths(sides);
    return;
  }
  if (codingOf(expected) === codingOf(actual) && Buffer.compare(before, after) === 0) return;
  if (expected.end !== actual.end && isPrefix(before, after)) return;
  const left = decodeContent(before, firstValue(expected.headers, "content-encoding"));
  const right = decodeContent(after, firstValue(actual.headers, "content-encoding"));
  if (left.kind === "decoded" && right.kind === "decoded") {
    compareDecoded(sides, left.bytes, right.bytes);
    return;
  }
  if (left.kind === right.kind) {
    // Of a coding that cannot be undone on either side, the wire bytes are all there is to compare.
    sides.findings.add([], { kind: "changed-bytes", severity: "medium", ...bytesInWords(before, after) });
    return;
  }
  addDecodings(sides, left, right);
}

/** One side cannot be read, or for another reason than the other. */
function addDecodings({ findings }: Sides, left: DecodedContent, right: DecodedContent): void {
  const words = { expected: decodingInWords(left), actual: decodingInWords(right) };
  findings.add([], { kind: "body-format", severity: "high", ...words });
}

function decodingInWords(decoded: DecodedContent): string {
  if (decoded.kind === "decoded") return `decodes to ${decoded.bytes.length} bytes`;
  const why = {
    damaged: "is damaged",
    "too-large": "decodes to more than is looked at",
    "unknown-coding": "is unknown",
  };
  return `${decoded.coding} ${why[decoded.kind]}`;
}

/** Whether undoing the codings of both comes to the same, as far as that is known; else it is added. */
function areDecodedAlike(sides: Sides): boolean {
  const { expected, actual } = sides;
  if (!isUndecoded(expected.body) && !isUndecoded(actual.body)) return true;
  const [left, right] = [decodingOf(expected), decodingOf(actual)];
  if (left === undefined || right === undefined || left.kind === right.kind) return true;
  addDecodings(sides, left, right);
  return false;
}

function isUndecoded(body: Body): boolean {
  return body.kind === "unredactable" && body.undecoded !== undefined;
}

/** Of a body of which all came; undefined where it is not known. */
function decodingOf({ body, headers }: Response): DecodedContent | undefined {
  if (body.kind === "unredactable") return body.undecoded;
  if (body.kind === "cut") return undefined;
  return decodeContent(wireBytes(body), firstValue(headers, "content-encoding"));
}

/** One ended early, and what is kept of it is how the other, at hand whole, begins: the end says it all. */
function isBrokenOff(expected: Response, actual: Response): boolean {
  if (expected.end === actual.end || codingOf(expected) !== codingOf(actual)) return false;
  const [early, whole] = expected.end === "complete" ? [actual.body, expected.body] : [expected.body, actual.body];
  if (early.kind !== "cut" || whole.kind !== "whole" || early.fullBytes > whole.bytes.length) return false;
  return isPrefix(early.bytes, whole.bytes);
}

/** Of answers that were still coming, as far as both go: how much came by then says nothing about the service. */
function compareStreams(sides: Sides): void {
  const [left, right] = [sides.expected.body, sides.actual.body];
  if (left.kind === "unredactable" || right.kind === "unredactable") {
    compareHashes(sides);
    return;
  }
  const before = decodeKept(keptBytes(left), sides.expected);
  const after = decodeKept(keptBytes(right), sides.actual);
  if (isPrefix(before, after)) return;
  const shorter = Math.min(before.length, after.length);
  compareDecoded(sides, before.subarray(0, shorter), after.subarray(0, shorter), true);
}

/** What was kept of both, as far as both go; and that there is more which cannot be compared. */
function comparePartly(sides: Sides): void {
  if (areDecodedAlike(sides)) compareHashes(sides);
  const [left, right] = [sides.expected.body, sides.actual.body];
  if (sides.findings.count === 0 || !hasKept(left) || !hasKept(right)) return;
  const before = decodeKept(keptBytes(left), sides.expected);
  const after = decodeKept(keptBytes(right), sides.actual);
  const shorter = Math.min(before.length, after.length);
  const [one, other] = [before.subarray(0, shorter), after.subarray(0, shorter)];
  if (shorter > 0 && Buffer.compare(one, other) !== 0) compareDecoded(sides, one, other, true);
}

function compareHashes({ expected, actual, options, findings }: Sides): void {
  const unrelated = options.hashesUnrelated === true || codingOf(expected) !== codingOf(actual);
  for (const { place: _, ...difference } of compareUnseen(expected.body, actual.body, unrelated)) {
    findings.add([], difference as Parameters<typeof findings.add>[1]);
  }
}

function compareDecoded(sides: Sides, left: Uint8Array, right: Uint8Array, isPartial = false): void {
  const { expected, actual, options, findings } = sides;
  if (Buffer.compare(left, right) === 0) return;
  const [before, after] = [bufferOf(left), bufferOf(right)];
  if (left.length === 0 || right.length === 0) {
    const words = { expected: contentInWords(before), actual: contentInWords(after) };
    findings.add([], { kind: "body-format", severity: "high", ...words });
    return;
  }
  sides.readAs = compareByKind({
    expected: before,
    actual: after,
    encoding: isUtf8(before) && isUtf8(after) ? "utf8" : "latin1",
    types: [mediaType(expected.headers), mediaType(actual.headers)],
    from: expected,
    to: actual,
    grpc: options.grpc,
    isPartial,
    findings,
  });
}

function contentInWords(bytes: Buffer): string {
  return bytes.length === 0 ? "empty" : excerpt(bytes.toString(isUtf8(bytes) ? "utf8" : "latin1", 0, 4096));
}

/** A change of content coding alone is low. */
export function compareCodings(from: Message, to: Message): Difference[] {
  const [expected, actual] = [codingOf(from), codingOf(to)];
  if (expected === actual) return [];
  return [{ kind: "content-encoding", place: "header:content-encoding", severity: "low", expected, actual }];
}

function codingOf(message: Message): string {
  return contentCodings(firstValue(message.headers, "content-encoding")).join(", ") || "identity";
}

/** Answers without a body (to HEAD, 304) state the length of one; where one side states none, only framing differs. */
function compareStatedLengths({ expected: from, actual: to, options, findings }: Sides): void {
  const expected = firstValue(from.headers, "content-length");
  const actual = firstValue(to.headers, "content-length");
  if (expected === undefined || actual === undefined || expected === actual) return;
  const place = "header:content-length";
  const found = { kind: "changed-header", severity: "medium", place, expected, actual } as const;
  if (options.rules?.hidesField(found) !== true) findings.addOutside(found);
}

function isUnseen(body: Body): boolean {
  return body.kind === "cut" || body.kind === "unredactable";
}

function hasKept(body: Body): boolean {
  return body.kind === "cut" || body.kind === "whole";
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
