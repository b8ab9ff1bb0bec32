/** A stretch of a body, in bytes. */
export interface Span {
  offset: number;
  length: number;
}

/**
 * Finds the messages inside a body while its bytes pass, whatever pieces they come in. Holds no bytes, only where it is.
 */
export interface SpanFinder {
  /** The next bytes; gives the messages that they complete. */
  push(bytes: Uint8Array): readonly Span[];
}

export const noSpans: readonly Span[] = [];
