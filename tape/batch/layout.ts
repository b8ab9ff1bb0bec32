/*
 * One part in a batch; numbers are little-endian, whatever the machine:
 *
 *   [ head: fixed numbers ][ text ][ request hash? ][ answer hash? ][ request body ][ answer body ][ frames ]
 *
 * The text is all strings of the part, latin1, joined by NUL (which no method, path, header name or value can hold):
 * method, scheme, authority, path, connection, client, what is known beside (JSON), then the flat header lists in the order
 * of their counts. A `status` has an empty request; its times are milliseconds after the start of the request it tells of.
 */

/** Offsets of the numbers in a part's head. */
export const at = {
  partBytes: 0,
  kind: 4,
  vantage: 5,
  protocol: 6,
  requestEnd: 7,
  answerKind: 8,
  /** End of a response, or reason of a failure. */
  answerEnd: 9,
  flags: 10,
  textBytes: 12,
  headers: 16,
  rawHeaders: 20,
  trailers: 24,
  answerHeaders: 28,
  answerTrailers: 32,
  status: 36,
  sequence: 40,
  startedMs: 48,
  /** Absent times are NaN. */
  endedMs: 56,
  answerStartedMs: 64,
  answerEndedMs: 72,
  fullBytes: 80,
  answerFullBytes: 88,
  keptBytes: 96,
  answerKeptBytes: 100,
  frames: 104,
} as const;

export const headBytes = 108;
export const hashBytes = 16;

/** Offsets in one frame. */
export const frameAt = { direction: 0, kind: 1, atMs: 2, offset: 10, length: 18 } as const;
export const frameBytes = 26;

/** Which optional things a part has: an absent list is not an empty one. */
export const flag = {
  connection: 1,
  client: 2,
  rawHeaders: 4,
  trailers: 8,
  answerTrailers: 16,
  hash: 32,
  answerHash: 64,
  frames: 128,
} as const;

/** Strings that stand before the header lists in a part's text. */
export const leadingTexts = 7;
