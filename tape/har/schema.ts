import { z } from "zod";
import { answerEnds, failureReasons, frameDirections, frameKinds, requestEnds } from "../codes.js";
import { protocols, vantages } from "../exchange.js";
import { type RedactionSpec, redactionSpec } from "../redaction/index.js";

/*
 * HAR 1.2 as far as it is read: what an entry must have to be a call, and what else is looked at. Files in the wild leave
 * out much of what the standard asks for (cookies, sizes, cache, timings); none of that is needed.
 */

const field = z.object({ name: z.string(), value: z.string() });
const fields = z.array(field);
const sizeBytes = z.number().nullish();

const postData = z.object({
  mimeType: z.string().nullish(),
  text: z.string().nullish(),
  params: z
    .array(z.object({ name: z.string(), value: z.string().nullish(), fileName: z.string().nullish() }))
    .nullish(),
});

const request = z.object({
  method: z.string(),
  url: z.string(),
  httpVersion: z.string().nullish(),
  headers: fields,
  postData: postData.nullish(),
  bodySize: sizeBytes,
});

const content = z.object({
  size: sizeBytes,
  mimeType: z.string().nullish(),
  text: z.string().nullish(),
  encoding: z.string().nullish(),
});

const response = z.object({
  status: z.number(),
  httpVersion: z.string().nullish(),
  headers: fields,
  content,
  bodySize: sizeBytes,
  /** Why there is none: Chrome's word, and Playwright's. */
  _error: z.string().nullish(),
  _failureText: z.string().nullish(),
});

const timing = z.number().nullish();

/** As Chrome writes them: `time` in seconds since the epoch, `data` base64 where the opcode is not 1. */
const webSocketMessage = z.object({
  type: z.string(),
  time: z.number(),
  opcode: z.number(),
  data: z.string(),
});

const ns = z
  .string()
  .regex(/^\d{1,20}$/, "must be nanoseconds since the epoch, as text")
  .transform(BigInt)
  .refine((time) => time < 2n ** 63n, "is beyond the year 2262");
const pairs = z.array(z.tuple([z.string(), z.string()]));
const bytes = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{32}$/);

/** What HAR has no place for in a message's body: what it is a part of, its hash, and its bytes where the text is not them. */
const bodyExtras = z.object({
  kind: z.enum(["empty", "whole", "cut", "unredactable"]),
  fullBytes: bytes.optional(),
  hash: hash.optional(),
  base64: z.base64().optional(),
});

/** `_tapeloop` of an entry: all of an Exchange that HAR has no place for. */
export const entryExtras = z.object({
  recorder: z.object({ name: z.string(), incarnation: z.string().regex(/^[0-9a-f]{16}$/) }),
  sequence: z.int(),
  vantage: z.enum(vantages),
  caller: z.string().optional(),
  callee: z.string(),
  origin: z.object({
    cluster: z.string().optional(),
    namespace: z.string().optional(),
    workload: z.string().optional(),
    version: z.string().optional(),
    node: z.string().optional(),
  }),
  connection: z.string().optional(),
  client: z.string().optional(),
  hop: z.string().optional(),
  attempt: z.int().optional(),
  proxy: z
    .object({
      answeredBy: z.enum(["service", "proxy"]).optional(),
      flags: z.array(z.string()).optional(),
      details: z.string().optional(),
      route: z.string().optional(),
      upstream: z.string().optional(),
      attempts: z.int().optional(),
    })
    .optional(),
  trace: z.object({
    traceId: z.string().optional(),
    parentSpanId: z.string().optional(),
    grandparentSpanId: z.string().optional(),
    requestId: z.string().optional(),
  }),
  startedNs: ns,
  requestEndedNs: ns.optional(),
  answerStartedNs: ns.optional(),
  answerEndedNs: ns.optional(),
  request: z.object({
    scheme: z.string(),
    authority: z.string(),
    path: z.string(),
    protocol: z.enum(protocols),
    end: z.enum(requestEnds),
    rawHeaders: pairs.optional(),
    trailers: pairs,
    body: bodyExtras,
  }),
  answer: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("response"), end: z.enum(answerEnds), trailers: pairs, body: bodyExtras }),
    z.object({ kind: z.literal("failure"), reason: z.enum(failureReasons), afterMs: z.number() }),
    z.object({ kind: z.literal("status-only") }),
    z.object({ kind: z.literal("unknown") }),
  ]),
  frames: z.array(
    z.object({
      direction: z.enum(frameDirections),
      kind: z.enum(frameKinds),
      atNs: ns,
      offset: bytes,
      length: bytes,
    }),
  ),
  redacted: z.object({ request: z.array(z.string()), answer: z.array(z.string()) }),
  seal: hash.optional(),
});
export type EntryExtras = z.output<typeof entryExtras>;
export type BodyExtras = z.output<typeof bodyExtras>;

/** An entry of `log.entries`. */
export const harEntry = z.object({
  startedDateTime: z.string(),
  time: z.number().nullish(),
  request,
  response,
  cache: z.object({ fromCache: z.boolean().nullish() }).nullish(),
  timings: z
    .object({ blocked: timing, dns: timing, connect: timing, send: timing, wait: timing, receive: timing })
    .nullish(),
  connection: z.string().nullish(),
  _fromCache: z.union([z.string(), z.boolean()]).nullish(),
  _resourceType: z.string().nullish(),
  _webSocketMessages: z.array(webSocketMessage).nullish(),
  _tapeloop: entryExtras.optional(),
});
export type HarEntry = z.output<typeof harEntry>;
export type HarField = z.output<typeof field>;

/** `_tapeloop` of the log: the tape that the entries are from. */
export const logExtras = z.object({
  version: z.literal(1),
  keyId: z.string(),
  recorders: z.array(
    z.object({
      name: z.string(),
      incarnation: z.string(),
      service: z.string().optional(),
      upstream: z.string().optional(),
      /** What its Exchanges were redacted with, one after the other; absent: with what is done unasked. */
      redaction: z.array(redactionSpec.transform((spec) => spec as RedactionSpec)).optional(),
    }),
  ),
});
export type LogExtras = z.output<typeof logExtras>;
