import { unknownHash } from "../../message/index.js";
import type { CapturedBody, CapturedFrame, CapturedRequest } from "../captured.js";
import type { AnswerEnd, Exchange, FailureReason, Frame } from "../exchange.js";

/** A call as a file tells it: what a recorder would have captured, with times in nanoseconds since the epoch. */
export interface ImportedCall {
  request: Omit<CapturedRequest, "startedMs" | "endedMs">;
  answer: ImportedAnswer;
  startedNs: bigint;
  requestEndedNs?: bigint;
  answerStartedNs?: bigint;
  answerEndedNs?: bigint;
  /** Connection as the file names it. */
  connection?: string;
  frames?: readonly (Omit<CapturedFrame, "atMs"> & Pick<Frame, "atNs">)[];
}

export type ImportedAnswer =
  | {
      kind: "response";
      status: number;
      headers: readonly string[];
      trailers?: readonly string[];
      body: CapturedBody;
      end: AnswerEnd;
    }
  | { kind: "failure"; reason: FailureReason }
  | { kind: "unknown" };

/**
 * What the operator is told of an import, with a count: things left out, and things that a tape cannot say as the file
 * said them.
 */
export const importNotes = {
  "not-http": "left out: not over HTTP (data:, blob:, file: …)",
  cached: "left out: answered by a cache, never sent",
  "replayed-answer": "left out: replayed responses (--replayed-answers takes them instead of the originals)",
  "original-answer": "left out: original responses, replayed ones are taken instead",
  "answer-alone": "left out: responses whose request is not in the file, or is too far from them",
  "unreadable-message": "left out: records that hold no HTTP/1 message",
  "missing-body": "without a body that the file says there was, or with less of it; marked as cut",
  "answer-missing": "without an answer in the file",
  "as-h2": "of HTTP/3, kept as HTTP/2",
  "coding-undone": "with a content-encoding that cannot be applied again: the field is left out",
} as const;
export type ImportNote = keyof typeof importNotes;

/** What a reader of a file finds, one after the other. */
export type Imported =
  | { kind: "call"; call: ImportedCall; notes: readonly ImportNote[] }
  /** From a file of our own: an Exchange as it was on its tape. */
  | { kind: "exchange"; exchange: Exchange; from: Provenance }
  | { kind: "left-out"; note: ImportNote };

/** What an Exchange from a file of our own says of where it was. */
export interface Provenance {
  /** Id of the key that its pseudonyms and hashes were made with. */
  keyId?: string;
  /** Proves, to who has the key, that it is as it was on its tape: see `sealOf`. */
  seal?: string;
}

const noPieces: readonly Uint8Array[] = [];
const noHash = Uint8Array.from(Buffer.from(unknownHash, "hex"));

/** A body of which all is at hand. */
export function wholeBody(bytes: Uint8Array): CapturedBody {
  return { pieces: bytes.length === 0 ? noPieces : [bytes], fullBytes: bytes.length };
}

/** A body of which less is at hand than there was. Of an unknown length it counts as one byte more than was kept. */
export function partOfBody(bytes: Uint8Array, fullBytes: number | undefined): CapturedBody {
  const most = Math.max(fullBytes ?? 0, bytes.length + 1);
  return { pieces: bytes.length === 0 ? noPieces : [bytes], fullBytes: most, hash: noHash };
}

/** Whether a body is one of which the file did not hold all. */
export function isPartOfBody(body: CapturedBody): boolean {
  return body.hash === noHash;
}

/** A field value, a name or a path as a tape holds it: one character a byte, none of them NUL, CR or LF (RFC 9110, 5.5). */
export function wireText(text: string): string {
  const bytes = /[^\0-\xff]/.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
  return /[\0\r\n]/.test(bytes) ? bytes.replace(/[\0\r\n]/g, " ") : bytes;
}
