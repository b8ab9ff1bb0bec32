import type { MediaType } from "../../../message/index.js";
import type { RedactedJson } from "../json.js";
import type { PlaceList } from "../places.js";
import type { Redaction } from "../rules/redaction.js";

/** A body without content codings. */
export interface Content {
  bytes: Uint8Array;
  /** The bytes as latin1: one character each. */
  text: string;
  /** All of it is there. */
  isWhole: boolean;
  type: MediaType | undefined;
  /** Value of `grpc-encoding`. */
  messageEncoding: string | undefined;
}

/** As of JSON: latin1 in, latin1 out. */
export type RedactedContent = RedactedJson;

/** Replaces the secrets in a content of one kind. Places begin with `body:` or are `body`. */
export type ContentRedactor = (content: Content, redaction: Redaction, places: PlaceList) => RedactedContent;

/** What became of a text of which nothing is lost. */
export function contentFrom(before: string, after: string): RedactedContent {
  return before === after ? { kind: "unchanged" } : { kind: "redacted", text: after };
}
