/*
 * An Exchange in a block. A block's plain bytes are
 *
 *   [ count ][ of each: length of its record, shape, start after the block's first, sequence after the block's first ]
 *   [ records, in the same order ]
 *
 * and a record, in numbers of ByteWriter:
 *
 *   [ flags ][ times after its start, ns ]
 *   [ request body: bytes seen, where it is stored or its hash ][ answer body: the same ]
 *   [ length of the texts ][ length of each header list ]
 *   [ texts: those its flags name, joined by NUL ][ header lists: those its flags name ]
 *
 * Texts are latin1, what is not (places, what is known beside) is JSON in ASCII. A header list is "name NUL value NUL …".
 */

/** What a record has. Texts and lists come in this order; path and request headers are always there. */
export const has = {
  requestEnded: 1 << 0,
  answerStarted: 1 << 1,
  answerEnded: 1 << 2,
  frames: 1 << 3,
  storedRequestBody: 1 << 4,
  requestBodyHash: 1 << 5,
  storedAnswerBody: 1 << 6,
  answerBodyHash: 1 << 7,
  connection: 1 << 8,
  client: 1 << 9,
  traceId: 1 << 10,
  parentSpanId: 1 << 11,
  requestId: 1 << 12,
  redactedRequest: 1 << 13,
  redactedAnswer: 1 << 14,
  beside: 1 << 15,
  /** Method, scheme, authority and callee, for the shape has none. */
  ownLine: 1 << 16,
  ownCaller: 1 << 17,
  rawHeaders: 1 << 18,
  requestTrailers: 1 << 19,
  answerHeaders: 1 << 20,
  answerTrailers: 1 << 21,
} as const;
