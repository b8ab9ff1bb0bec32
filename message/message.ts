import type { UndecodedContent } from "./content-coding.js";
import type { HeaderList } from "./header-list.js";

/**
 * A body as it was on the wire (content codings and all; chunked framing removed), after redaction.
 *
 * `hash` is keyed with the tape's redaction key and taken over the full wire bytes before redaction: 16 bytes as hex.
 * Without a key at hand it cannot be recomputed, so it tells nothing about the bytes to who has the tape alone.
 */
export type Body =
  /** No body bytes were seen. */
  | { kind: "empty" }
  /** All of it. */
  | { kind: "whole"; bytes: Uint8Array; hash: string }
  /** More came than is kept (the cap), or it ended early: the first bytes, and how many came in all. */
  | { kind: "cut"; bytes: Uint8Array; fullBytes: number; hash: string }
  /** It may hold secrets and could not be read whole, so it is not stored; `undecoded`: all of it came, and why it was not read is known. */
  | { kind: "unredactable"; fullBytes: number; hash: string; undecoded?: UndecodedContent };

/** In place of a hash where none could be taken: an imported file said that there was a body, and did not hold all of it. */
export const unknownHash = "0".repeat(32);

/** Whether a body is not at hand whole and no hash of it is known, perhaps not even its length: nothing can be compared. */
export function isUnhashed(body: Body): boolean {
  return body.kind !== "empty" && body.hash === unknownHash;
}

/** What requests and responses share. */
export interface Message {
  headers: HeaderList;
  body: Body;
  trailers: HeaderList;
}

/** How many bytes the body had on the wire. */
export function bodyBytes(body: Body): number {
  switch (body.kind) {
    case "empty":
      return 0;
    case "whole":
      return body.bytes.length;
    case "cut":
    case "unredactable":
      return body.fullBytes;
  }
}
