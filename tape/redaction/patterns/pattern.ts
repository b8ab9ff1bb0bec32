import type { Keystream } from "../text/keystream.js";

/** What a form needs to write a pseudonym. */
export interface FormTools {
  /** Bytes drawn by key and secret. */
  next: Keystream;
  /** The pseudonym of a value inside the secret, such as a claim. */
  pseudonymOf: (inner: string) => string;
}

/** How a secret of a kind is told by itself, and written anew so that it passes for one of its kind. */
export interface SecretForm {
  /** Whether this whole value is one. */
  is: (value: string) => boolean;
  /** Without what may stand between its characters (`4111 1111` is `41111111`), so that both have one pseudonym. */
  plain?: (value: string) => string;
  /** Writes another of its kind, the same length in characters where that can be. */
  render: (secret: string, tools: FormTools) => string;
}

/** Says where a secret stands: from, to (exclusive). */
export type ReportSpan = (start: number, end: number) => void;

/**
 * A kind of secret that is told by its own form, wherever it stands. Adding a kind: a file here and a line in `index.ts`.
 */
export interface SecretPattern {
  /** As rules files switch it off: `card`, `aws-key`. */
  name: string;
  /** For people: what it finds. */
  explain: string;
  /** How matches are found. */
  find: LiteralStart | WholeText;
  form?: SecretForm;
}

/** It begins with three known characters: found in the one pass over the bytes that looks for all of them. */
export interface LiteralStart {
  kind: "literal";
  /** At least three characters each, of which the first three count; case is looked at by `form`. */
  starts: readonly string[];
  /** Sticky, at the first of those characters. Group 1, where there is one, is the secret within the match. */
  form: RegExp;
  /** Whether a letter or digit may stand before it. */
  inWord?: boolean;
  accepts?: (secret: string) => boolean;
}

/** It is searched for in the whole text, cheaply when there is none. */
export interface WholeText {
  kind: "whole";
  /** Every match begins with two capital letters and two digits: a text without is not searched. */
  beginsLikeAccount?: true;
  search: (text: string, report: ReportSpan) => void;
}
